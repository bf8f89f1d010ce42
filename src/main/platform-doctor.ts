import { adapterPorts, productOf } from '#model/adapters.ts'
import { admissionFindings } from '#services/cluster/admission-findings.ts'
import type { Doctor, Finding } from '#services/doctor.ts'
import { adaptersDiffer } from '#services/notices.ts'
import type { Composed } from './compose.ts'
import { readDoctor } from './doctor.ts'

/** What `fairway doctor` says, with what only the running platform knows: its runtime and the rules in force. */
export function platformDoctor({ platform }: Composed): Doctor {
  return async () => {
    const { digest, policies } = platform.ports.policy.bundle()
    const rules = {
      check: 'rules',
      state: 'ok' as const,
      found: `${policies.length} rules in force, bundle ${digest.slice(7, 19)}`,
    }
    return [
      ...(await readDoctor()),
      rules,
      ...(await admissionFindings(platform)),
      await readAdapters(platform),
      readWaysOut(platform),
    ]
  }
}

/** Where notifications go beside the inbox that everybody has. */
function readWaysOut({ ports: { notifications } }: Composed['platform']): Finding {
  const { mail, webhook } = notifications
  const ways = [mail && 'mail', webhook && `webhooks of ${webhook.teams.size} teams`].filter(Boolean)
  const found = ways.length > 0 ? `inbox, ${ways.join(', ')}` : 'inbox of portal and command line only; nothing is sent'
  return { check: 'notifications', state: 'ok', found }
}

/** What stands behind the ports, and whether the platform repository wants something else. */
async function readAdapters(platform: Composed['platform']): Promise<Finding> {
  const { running } = platform.adapters
  const products = adapterPorts
    .filter((port) => running[port] !== 'local')
    .map((port) => `${port}: ${productOf(running[port])}`)
  const found = products.length === 0 ? 'all embedded' : `${products.join(', ')}; the others embedded`
  const differing = await adaptersDiffer(platform)
  if (!differing) return { check: 'adapters', state: 'ok', found }
  return { check: 'adapters', state: 'problem', found: `${found}. ${differing.text}`, hint: differing.hint }
}
