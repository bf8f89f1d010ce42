import { z } from 'zod'
import { PlatformError } from '#errors/platform-error.ts'
import { readTree } from '#lib/git/trees.ts'
import { admitYaml } from '#lib/yaml/admit-yaml.ts'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { Verdict } from '#model/verdict.ts'
import { defineStep } from '../engine/step.ts'
import type { Platform } from '../platform.ts'
import { environmentOf } from '../settings.ts'
import { DeliveryPlace } from './place.ts'
import { requireSecrets } from './require-secrets.ts'

/** The change gate: every rule on exactly the tree that will be pushed. A denial fails the run and says how to fix it. */
export const checkPolicyStep = defineStep({
  name: 'check-policy',
  title: 'Check rules',
  input: DeliveryPlace.extend({ tree: z.string() }),
  output: z.object({ verdict: Verdict }),
  retry: { attempts: 3, waitMs: 300 },
  describe: ({ environment }) => `Verdict of the rules for ${environment}`,
  effect: ({ verdict }) => `${allowance(verdict)}, bundle ${verdict.bundleDigest.slice(7, 19)}`,
  async run({ platform, run, log, signal }, { tree, ...place }) {
    const verdict = await changeVerdict(platform, { place, tree, signal })
    for (const finding of verdict.findings)
      log(
        `${finding.severity}: ${finding.message}${finding.at ? ` (${finding.at})` : ''}. ${finding.fix}`,
        finding.severity === 'deny' ? 'error' : 'warn',
      )
    refuseDenied(verdict)
    await requireSecrets(platform, { place, tree, run, signal })
    return { verdict }
  },
})

/** What the rules say of a tree of manifests at the change gate. */
export async function changeVerdict(
  platform: Platform,
  { place, tree, signal }: { place: DeliveryPlace; tree: string; signal?: AbortSignal },
): Promise<Verdict> {
  return manifestVerdict(platform, {
    gate: 'change',
    place,
    files: await readTree({ dir: platform.objects }, tree),
    ...(signal && { signal }),
  })
}

export interface ManifestQuestion {
  readonly gate: 'form' | 'change'
  readonly place: DeliveryPlace
  readonly files: readonly { readonly path: string; readonly content: string }[]
  readonly form?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

/** Asks the rules about rendered manifests; `kustomization.yaml` and `release.yaml` are not objects of a cluster. */
export async function manifestVerdict(
  platform: Platform,
  { gate, place, files, form, signal }: ManifestQuestion,
): Promise<Verdict> {
  const settings = await platform.settings()
  const environment = environmentOf(settings, place.environment)
  const teams = await platform.ports.identity.teams()
  const manifests = files.filter(({ path }) => !/^(kustomization|release)\.yaml$/.test(path))
  await admitYaml(...manifests.map(({ content }) => content))
  const objects = manifests.flatMap(({ path, content }) =>
    readYaml(content, { code: 'POLICY_DENIED', file: path }).map(({ value }) => value),
  )
  const input = {
    now: new Date().toISOString(),
    gate,
    environment: { name: environment.metadata.name, registries: environment.spec.registries },
    environments: settings.environments.map((known) => known.metadata.name),
    team: place.owner,
    teams: teams.map((team) => team.name),
    service: place.service,
    objects,
    ...(form && { form }),
  }
  return platform.ports.policy.evaluate({ gate, environment: place.environment, input }, signal)
}

/** Throws POLICY_DENIED with what, why and how to fix when a finding denies. */
export function refuseDenied(verdict: Verdict): void {
  if (verdict.allowed) return
  const denials = verdict.findings.filter((finding) => finding.severity === 'deny')
  if (denials.length > 0 && denials.every((finding) => finding.policy === 'engine')) {
    const reason = denials[0]?.message ?? 'no verdict in time'
    throw new PlatformError('POLICY_UNAVAILABLE', reason, {
      hint: 'nothing passes without a verdict; retry in a moment',
    })
  }
  const first = denials[0]
  const more = denials.length > 1 ? ` (and ${denials.length - 1} more)` : ''
  throw new PlatformError(
    'POLICY_DENIED',
    `${first?.policy ?? 'policy'}: ${first?.message ?? 'the rules gave no allowance'}${more}`,
    {
      hint: first?.fix ?? 'see the findings',
      facts: { findings: denials, bundleDigest: verdict.bundleDigest },
    },
  )
}

/** The sentence of a verdict that allows. */
export function allowance(verdict: Verdict): string {
  return `${verdict.policies.length} rules allow it${warnings(verdict)}`
}

function warnings(verdict: Verdict): string {
  const count = verdict.findings.filter((finding) => finding.severity === 'warn').length
  return count === 0 ? '' : ` with ${count} warning${count === 1 ? '' : 's'}`
}
