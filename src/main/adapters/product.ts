import type { FastifyPluginAsync } from 'fastify'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import type { CommitSigner } from '#lib/git/commit-signature.ts'
import type { AdapterChoice, AdapterPort } from '#model/adapters.ts'
import type { Environment } from '#model/environment.ts'
import type { ConnectionCheck } from '#ports/connection-check.ts'
import type { GitHost } from '#ports/git-host.ts'

/** What main offers a product's adapter. What is a function may be called only once everything is composed. */
export interface AdapterNeeds {
  /** A folder of the adapter's own in this replica. It may be emptied between two starts without loss. */
  readonly scratch: string
  /** Where people reach the portal, without a slash at the end. */
  readonly portalUrl: string
  readonly log: Logger
  /** Signs commits as the platform. */
  readonly signer: CommitSigner
  /** Public keys, PEM, that images may be signed with. */
  trustedKeys(): readonly string[]
  gitHost(): GitHost
  /** The people of a team, by name; undefined while nobody can say, and for an unknown team. */
  membersOf(team: string): Promise<readonly string[] | undefined>
  /** Whether any mark of a sender's delivery was brought before; remembers them all, for every replica. */
  seenBefore(sender: string, marks: readonly string[]): Promise<boolean>
  environments(): Promise<readonly Environment[]>
}

/** An adapter and what main must mount or stop for it. */
export interface OpenAdapter<Port> {
  readonly adapter: Port
  /** Receivers of the product's calls. Each address must be declared in src/access/route-needs.ts. */
  readonly routes?: { readonly prefix: string; readonly plugin: FastifyPluginAsync }
  close?(): Promise<void>
}

interface ProductParts<Options, Port, Needs> {
  readonly options: z.ZodType<Options>
  open(options: Options, needs: Needs): OpenAdapter<Port> | Promise<OpenAdapter<Port>>
  checkConnection(options: Options): Promise<readonly ConnectionCheck[]>
}

/** A product whose options hold. Nothing was connected yet. */
export interface AcceptedProduct<Port, Needs = AdapterNeeds> {
  readonly name: string
  open(needs: Needs): Promise<OpenAdapter<Port>>
  checkConnection(): Promise<readonly ConnectionCheck[]>
}

type Accept<Port, Needs> = (name: string, options: unknown, place: string) => AcceptedProduct<Port, Needs>

/** The products of a port, by the name that fairway.yaml gives them. Each is imported when it is chosen, not before. */
export type Products<Port, Needs = AdapterNeeds> = Readonly<Record<string, () => Promise<Accept<Port, Needs>>>>

/** One entry of `Products`: schema of its options, adapter, and live check, which fit each other. */
export function product<Options, Port, Needs = AdapterNeeds>(
  parts: ProductParts<Options, Port, Needs>,
): Accept<Port, Needs> {
  return (name, given, place) => {
    const { success, data, error } = parts.options.safeParse(given)
    if (!success) throw optionsRefused(error, `${place} (${name})`)
    return {
      name,
      open: async (needs) => parts.open(data, needs),
      checkConnection: () => parts.checkConnection(data),
    }
  }
}

/** `undefined` for the embedded adapter. SETTINGS_INVALID for a product that is not known and for wrong options. */
export async function chooseProduct<Port, Needs>(
  port: AdapterPort,
  choice: AdapterChoice,
  products: Products<Port, Needs>,
): Promise<AcceptedProduct<Port, Needs> | undefined> {
  if (choice === 'local') return undefined
  const { product: name, ...options } = choice
  const place = `fairway.yaml: spec.adapters.${port}`
  const load = Object.hasOwn(products, name) ? products[name] : undefined
  if (load) return (await load())(name, options, place)
  const known = ['local', ...Object.keys(products)].join(', ')
  throw new PlatformError('SETTINGS_INVALID', `${place}: no adapter is called ${JSON.stringify(name)}`, {
    hint: `known here: ${known}`,
  })
}

function optionsRefused(error: z.ZodError, place: string): PlatformError {
  const [issue] = error.issues
  const field = issue?.path.length ? `.${issue.path.join('.')}` : ''
  const [prefix = '', product = ''] = place.split(/ (?=\()/)
  return new PlatformError('SETTINGS_INVALID', `${prefix}${field} ${product}: ${issue?.message ?? 'not valid'}`, {
    hint: 'docs/adapters/readme.md links the options of each product',
  })
}
