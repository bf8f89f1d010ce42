import { stringify } from 'yaml'

/** YAML that reads the same in YAML 1.2 and 1.1 (Kubernetes, Argo CD and Flux read 1.1): `yes`, `012` or `1:30` are quoted. Keys keep their order. */
export function writeYaml(value: unknown): string {
  return stringify(value, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false })
}
