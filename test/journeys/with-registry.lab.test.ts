import { describeWith } from './first-service/with-products.ts'

await describeWith(['oci-registry', 'prometheus', 'loki', 'jaeger'])
