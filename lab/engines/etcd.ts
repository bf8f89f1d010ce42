import type { LabEngine } from '../run/engine.ts'
import { answers } from '../run/answers.ts'

const port = 12389
const url = `http://127.0.0.1:${port}`

/** The store of the Kubernetes API. */
export const etcd: LabEngine = {
  name: 'etcd',
  binaries: ['etcd'],
  async start(lab) {
    const data = await lab.state('etcd')
    await lab.start({
      name: 'etcd',
      argv: [
        lab.bin('etcd'),
        `--data-dir=${data}`,
        `--listen-client-urls=${url}`,
        `--advertise-client-urls=${url}`,
        `--listen-peer-urls=http://127.0.0.1:${port + 1}`,
        '--unsafe-no-fsync',
        '--log-level=warn',
      ],
      ready: () => answers(`${url}/health`),
    })
    await lab.writeFacts('etcd', { url })
  },
}
