import { PlatformError } from '#errors/platform-error.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { Pipeline } from '#model/pipeline.ts'

export const pipelinePath = '.fairway/pipeline.yaml'

/** The pipeline that a commit asks for, or PIPELINE_INVALID naming each field. */
export function parsePipeline(text: string | undefined): Pipeline {
  if (text === undefined) throw new PlatformError('PIPELINE_INVALID', `the repository has no ${pipelinePath}`)
  if (text.length > 65_536) throw new PlatformError('PIPELINE_INVALID', `${pipelinePath} is larger than 64 kB`)
  const parsed = Pipeline.safeParse(yamlOf(text))
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('/'), message }))
  const words = errors.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  throw new PlatformError('PIPELINE_INVALID', `${pipelinePath} is not valid: ${words.slice(0, 600)}`, { errors })
}

function yamlOf(text: string): unknown {
  try {
    return readYaml(text, { code: 'PIPELINE_INVALID', file: pipelinePath })[0]?.value
  } catch (cause) {
    throw new PlatformError('PIPELINE_INVALID', `${pipelinePath} is not YAML: ${(cause as Error).message}`, { cause })
  }
}
