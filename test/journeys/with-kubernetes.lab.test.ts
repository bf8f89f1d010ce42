import { describeWith } from './first-service/with-products.ts'

await describeWith(['gitea', 'oci-registry', 'argo-cd', 'gatekeeper', 'prometheus', 'loki', 'jaeger'])
