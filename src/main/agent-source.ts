import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deliveryRepo } from '#model/names.ts'
import type { Composed } from './compose.ts'
import { agentUser } from './git-access.ts'

export interface AgentSourceOptions {
  readonly dataFolder: string
  /** Where this machine reaches the control plane. */
  readonly url: string
  readonly otlpSecret: string
  readonly agentKey: string
  /** What the agent asks for values of secrets with. */
  readonly secretsKey: string
}

/** Tells the agent where the desired state and the images are. Its Git credential reads the delivery repository and nothing else. */
export async function writeAgentSource(
  { platform, embedded }: Composed,
  { dataFolder, url, otlpSecret, agentKey, secretsKey }: AgentSourceOptions,
): Promise<void> {
  const { gitHost } = platform.ports
  const remote = await (gitHost.readRemote?.(deliveryRepo) ?? gitHost.remote(deliveryRepo))
  const { artifacts } = platform.adapters.running
  const { environments } = await platform.settings()
  const source = {
    remote: embedded.gitHost
      ? { url: remote.url, username: agentUser, password: agentKey }
      : { url: remote.url, username: remote.username, password: remote.password },
    branch: 'main',
    artifacts: artifacts === 'local' ? join(dataFolder, 'artifacts') : artifacts,
    otlp: { endpoint: `${url}/otlp`, secret: otlpSecret },
    imageKeys: platform.signing.trusted.map(({ pem }) => pem),
    secrets: { endpoint: `${url}/agent/secrets`, token: secretsKey },
    environments: environments.map((environment) => environment.metadata.name),
  }
  const path = join(dataFolder, 'agent-source.json')
  await writeFile(`${path}.new`, JSON.stringify(source), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
