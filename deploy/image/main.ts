import { parseArgs } from 'node:util'
import { OciRegistryOptions } from '#adapters/artifacts/oci-registry/options.ts'
import { buildImage } from './build.ts'

// `npm run image -- --registry URL`: prints the image by digest, for the kustomization.
const options = {
  registry: { type: 'string' },
  name: { type: 'string', default: 'fairway/fairway' },
  username: { type: 'string' },
  'password-file': { type: 'string' },
} as const

try {
  const { values } = parseArgs({ options })
  if (!values.registry) throw new Error('say where to: --registry https://registry.example.com')
  const registry = OciRegistryOptions.parse({
    url: values.registry,
    ...(values.username && { username: values.username }),
    ...(values['password-file'] && { password: { fromFile: values['password-file'] } }),
  })
  console.log(await buildImage(registry, values.name))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
