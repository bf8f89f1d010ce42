import { z } from 'zod'
import { Name } from '#model/names.ts'
import { GoldenPath, ServicePreview } from '#model/template.ts'
import { Verdict } from '#model/verdict.ts'
import { route } from '../route.ts'

export const ServiceRequest = z.strictObject({
  template: Name,
  /** Checked by the service itself, so that a bad one is NAME_INVALID as everywhere. */
  name: z.string().max(200),
  owner: Name,
  /** Answers of the golden path besides name and owner. */
  values: z
    .record(
      z.string().max(80),
      z.union([z.string().max(10_000), z.number(), z.boolean(), z.array(z.string().max(1_000)).max(100)]),
    )
    .default({}),
})

export const listTemplates = route({
  id: 'templates.list',
  method: 'GET',
  path: '/api/v1/templates',
  summary: 'Golden paths',
  access: 'signed-in',
  reply: z.object({ items: z.array(GoldenPath) }),
})

export const readTemplate = route({
  id: 'templates.read',
  method: 'GET',
  path: '/api/v1/templates/:name',
  summary: 'One golden path with its questions',
  access: 'signed-in',
  params: z.object({ name: Name }),
  reply: GoldenPath,
})

/** Never an error for wrong answers: they come back per field, so that a form can call this while somebody types. */
export const checkAnswers = route({
  id: 'templates.check',
  method: 'POST',
  path: '/api/v1/templates/:name/check',
  summary: 'What the form gate says of answers, without rendering a preview',
  access: 'signed-in',
  repeat: { free: 'it reads and changes nothing' },
  params: z.object({ name: Name }),
  // half-typed names are answers too: what is wrong with them is the reply
  body: z.strictObject({
    name: z.string().max(200).optional(),
    owner: z.string().max(200).optional(),
    values: ServiceRequest.shape.values.optional(),
  }),
  reply: z.object({
    errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })),
    verdict: Verdict.optional(),
  }),
})

export const previewService = route({
  id: 'templates.preview',
  method: 'POST',
  path: '/api/v1/templates/:name/preview',
  summary: 'Everything a run would make: files, manifests, verdicts, effects. Changes nothing',
  access: 'signed-in',
  repeat: { free: 'it reads and changes nothing' },
  params: z.object({ name: Name }),
  body: ServiceRequest.omit({ template: true }),
  reply: ServicePreview,
})
