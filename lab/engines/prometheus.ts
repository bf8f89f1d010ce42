import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEngine } from '../run/engine.ts'

const port = 29_090

/** Prometheus with its OTLP receiver on loopback; rule files below `rules` are read at a reload. */
export const prometheus: LabEngine = {
  name: 'prometheus',
  binaries: ['prometheus'],
  async start(lab) {
    const state = await lab.state('prometheus')
    const url = `http://127.0.0.1:${port}`
    const rules = join(state, 'rules')
    await mkdir(rules, { recursive: true })
    await writeFile(join(state, 'prometheus.yml'), configOf(rules))
    await lab.start({
      name: 'prometheus',
      argv: [
        lab.bin('prometheus'),
        `--config.file=${join(state, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(state, 'data')}`,
        '--storage.tsdb.retention.time=2d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-otlp-receiver',
        '--web.enable-lifecycle',
        '--enable-feature=otlp-deltatocumulative',
        '--log.level=warn',
      ],
      ready: async () => (await fetch(`${url}/-/ready`)).ok,
    })
    await lab.writeFacts('prometheus', { url, rules, binary: lab.bin('prometheus') })
  },
}

// JSON is YAML. Senders export at different times, so samples may come a little late.
function configOf(rules: string): string {
  const promoted = ['service.name', 'service.namespace', 'service.instance.id', 'service.version']
  return JSON.stringify({
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    rule_files: [join(rules, '*.yaml')],
    otlp: { promote_resource_attributes: [...promoted, 'deployment.environment.name'] },
    storage: { tsdb: { out_of_order_time_window: '30m' } },
  })
}
