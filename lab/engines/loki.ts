import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEngine } from '../run/engine.ts'

const port = 23_100
const grpcPort = 29_095

/** Loki in one process with tenants, on loopback. Its ring makes it wait 16 s before it is ready. */
export const loki: LabEngine = {
  name: 'loki',
  binaries: ['loki'],
  async start(lab) {
    const state = await lab.state('loki')
    const url = `http://127.0.0.1:${port}`
    await writeFile(join(state, 'loki.yaml'), configOf(state))
    await lab.start({
      name: 'loki',
      argv: [lab.bin('loki'), `-config.file=${join(state, 'loki.yaml')}`],
      ready: async () => (await fetch(`${url}/ready`)).ok,
      seconds: 90,
    })
    await lab.writeFacts('loki', { url, tenant: 'fairway-lab', binary: lab.bin('loki') })
  },
}

function configOf(state: string): string {
  return JSON.stringify({
    auth_enabled: true,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_address: '127.0.0.1',
      http_listen_port: port,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: grpcPort,
      log_level: 'warn',
    },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: join(state, 'data'),
      replication_factor: 1,
      ring: { kvstore: { store: 'inmemory' } },
      storage: { filesystem: { chunks_directory: join(state, 'chunks'), rules_directory: join(state, 'rules') } },
    },
    schema_config: {
      configs: [
        {
          from: '2024-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    limits_config: { allow_structured_metadata: true, volume_enabled: true, ingestion_rate_mb: 32 },
  })
}
