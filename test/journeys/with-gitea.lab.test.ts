import { describeWith } from './first-service/with-products.ts'

await describeWith(['gitea', 'oci-registry', 'prometheus', 'loki', 'jaeger'])
