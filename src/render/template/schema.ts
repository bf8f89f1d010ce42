import { z } from 'zod'
import { Name } from '#model/names.ts'
import { isPattern } from './bounded-pattern.ts'

const notAPattern = 'this is not a regular expression, or longer than 1,000 characters'

/** What a question may ask, as JSON Schema. Keywords that Fairway cannot check are refused, never ignored; `ui:…` hints pass through. */
export const Question = z
  .looseObject({
    type: z.enum(['string', 'integer', 'number', 'boolean', 'array']),
    title: z.string().optional(),
    description: z.string().optional(),
    default: z.unknown().optional(),
    enum: z
      .array(z.union([z.string(), z.number()]))
      .min(1)
      .optional(),
    enumNames: z.array(z.string()).optional(),
    pattern: z.string().refine(isPattern, notAPattern).optional(),
    minLength: z.int().min(0).optional(),
    maxLength: z.int().min(0).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    items: z
      .strictObject({ type: z.literal('string'), pattern: z.string().refine(isPattern, notAPattern).optional() })
      .optional(),
    minItems: z.int().min(0).optional(),
    maxItems: z.int().min(0).optional(),
  })
  .superRefine((question, context) => {
    for (const key of Object.keys(question)) {
      if (!key.startsWith('ui:') && !(key in Question.shape)) {
        context.addIssue({ code: 'custom', path: [key], message: 'Fairway does not support this JSON Schema keyword' })
      }
    }
    if (question.type === 'array' && !question.items) {
      context.addIssue({ code: 'custom', path: ['items'], message: 'a list needs items of type string' })
    }
  })
export type Question = z.infer<typeof Question>

const Page = z.looseObject({
  title: z.string().optional(),
  description: z.string().optional(),
  required: z.array(z.string()).default([]),
  properties: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/), Question),
  type: z.literal('object').optional(),
  dependencies: z.never('conditional questions are not supported').optional(),
  allOf: z.never('conditional questions are not supported').optional(),
})

const FetchInput = z.strictObject({
  url: z.string().regex(/^\.\/[^\\]*$/, 'only a folder of this golden path, as ./skeleton'),
  targetPath: z.string().default('.'),
  values: z.record(z.string(), z.unknown()).default({}),
  copyWithoutTemplating: z.array(z.string()).default([]),
  templateFileExtension: z.union([z.boolean(), z.string().regex(/^\.[a-z0-9]+$/)]).default(false),
  trimBlocks: z.boolean().default(false),
  lstripBlocks: z.boolean().default(false),
})

/** Puts a folder of the golden path into the new repository. The only action that Fairway renders. */
export const FetchStep = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  action: z.literal('fetch:template'),
  if: z.union([z.boolean(), z.string()]).optional(),
  input: FetchInput,
})
export type FetchStep = z.infer<typeof FetchStep>

// Fairway publishes the repository and registers it in the catalog itself, in every run, with undo.
const PlatformStep = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  action: z
    .string()
    .regex(/^(publish:[a-z:-]+|catalog:register)$/, 'Fairway knows fetch:template, publish:… and catalog:register'),
  input: z.record(z.string(), z.unknown()).default({}),
})

/** `template.yaml` as Backstage's scaffolder v1beta3 writes it. */
export const TemplateFile = z.object({
  apiVersion: z.literal('scaffolder.backstage.io/v1beta3'),
  kind: z.literal('Template'),
  metadata: z.looseObject({
    name: Name,
    title: z.string().min(1),
    description: z.string().default(''),
    tags: z.array(z.string()).default([]),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({
    owner: z.string().min(1),
    type: z.string().min(1),
    parameters: z.preprocess((pages) => (Array.isArray(pages) ? pages : [pages]), z.array(Page).min(1)),
    steps: z.array(z.union([FetchStep, PlatformStep])).min(1),
    output: z.record(z.string(), z.unknown()).optional(),
  }),
})
export type TemplateFile = z.infer<typeof TemplateFile>
