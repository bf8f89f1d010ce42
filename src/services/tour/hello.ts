import { z } from 'zod'
import { can } from '#access/can.ts'
import type { GoldenPath } from '#model/template.ts'
import type { Platform } from '#workflows/platform.ts'
import type { Caller } from '../caller.ts'
import { listGoldenPaths } from '../templates.ts'

/** The first service of an empty platform: from which golden path, for which team, and the line that makes it. */
export interface Hello {
  readonly template: string
  readonly name: string
  readonly owner: string
  readonly command: string
}

const Questions = z.object({
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()).default({}),
})
const name = 'hello'
/** Answers that every golden path asks for and that are known here. */
const known = new Set(['name', 'owner'])

/** What this person may create at once; undefined where no golden path can do without further answers, or the role does not allow it. */
export async function helloFor(platform: Platform, caller: Caller): Promise<Hello | undefined> {
  const owner = caller.person.teams.find((team) => can(caller.person, 'service.create', team))
  if (owner === undefined) return undefined
  const template = (await listGoldenPaths(platform, caller)).find(asksNothingMore)?.name
  if (template === undefined) return undefined
  return { template, name, owner, command: `fairway new --template ${template} --name ${name} --owner ${owner} --wait` }
}

function asksNothingMore({ parameters }: GoldenPath): boolean {
  return parameters.every((page) => {
    const { required, properties } = Questions.parse(page)
    return required.every((field) => known.has(field) || hasDefault(properties[field]))
  })
}

function hasDefault(property: unknown): boolean {
  return typeof property === 'object' && property !== null && 'default' in property
}
