import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'
import schema from './schema.json' with { type: 'json' }

const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true })
ajv.addFormat('int32', { type: 'number', validate: (value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31 })
ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger })
ajv.addFormat('byte', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/)
ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)))
ajv.addFormat('int-or-string', true)
ajv.addSchema({ $id: 'kubernetes', definitions: schema.definitions })

/** What the schemas of Kubernetes 1.37 say against a manifest, unknown fields included. Read as YAML 1.1, as the cluster does. */
export function manifestFaults(text: string): string[] {
  const object = parse(text, { version: '1.1', uniqueKeys: true }) as { apiVersion: string; kind: string }
  const root = (schema.roots as Record<string, string>)[`${object.apiVersion} ${object.kind}`]
  if (!root) return [`no schema for ${object.apiVersion} ${object.kind}`]
  const validate = ajv.getSchema(`kubernetes#/definitions/${root}`) as ValidateFunction
  if (validate(object)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}
