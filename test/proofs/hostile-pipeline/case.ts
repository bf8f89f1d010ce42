import type { World } from './world.ts'

export type Kind = 'sandbox' | 'user' | 'none'
export type Outcome = Awaited<ReturnType<World['run']>>

export interface HostileCase {
  readonly name: string
  /** Which isolations must block it. Where another is in force, what happens is reported. */
  readonly blockedBy: readonly Kind[]
  /** May be tried without isolation on a machine that others use too: it reads and writes only what is its own world's. */
  readonly harmless: boolean
  /** The attack is known to work where nothing isolates: if it does not, it proves nothing. */
  readonly worksUnisolated: boolean
  /** The step's JavaScript. It says TRIED when it is through. */
  script(world: World, random: () => number): string
  /** Whether its judge compares what only the platform writes with how it was `before`. */
  readonly watchesFiles?: boolean
  readonly files?: (world: World, random: () => number) => Record<string, string>
  /** What got through, in words; undefined when nothing did. */
  judge(outcome: Outcome, world: World, before: string): Promise<string | undefined> | string | undefined
}

export const all: readonly Kind[] = ['sandbox', 'user', 'none']
export const isolated: readonly Kind[] = ['sandbox', 'user']

/** Runs each act, says what it gave or the code of its refusal. */
export const attempts = `
const fs = require('fs'), path = require('path'), net = require('net'), child = require('child_process')
const attempt = (name, act) => { try { const got = act(); console.log('did', name, Buffer.isBuffer(got) ? got.toString('latin1') : got ?? '') } catch (error) { console.log('refused', name, error.code ?? error.message) } }
const tried = () => console.log('TRIED')
const finish = () => { fs.mkdirSync('dist', { recursive: true }); if (!fs.existsSync('dist/server.js')) fs.writeFileSync('dist/server.js', '//'); tried() }
`
