import { type RenderedFile, sortByPath } from '../rendered-file.ts'
import { writeYaml } from './write-yaml.ts'

/** The files with a kustomization.yaml that lists them and nothing else, sorted by path; one that was there is replaced. */
export function withKustomization(files: readonly RenderedFile[]): readonly RenderedFile[] {
  const manifests = sortByPath(files.filter(({ path }) => path !== 'kustomization.yaml'))
  const resources = manifests.map(({ path }) => path)
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources }
  return sortByPath([...manifests, { path: 'kustomization.yaml', content: writeYaml(kustomization) }])
}
