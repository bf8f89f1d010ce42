import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabEngine } from '../run/engine.ts'
import { answers } from '../run/answers.ts'
import { labNetwork } from '../run/place-names.ts'

const address = `${labNetwork.host}:5077`

/** An OCI registry where engines, the node and pods reach it. */
export const registry: LabEngine = {
  name: 'registry',
  binaries: ['registry'],
  needs: ['network'],
  async start(lab) {
    const folder = await lab.state('registry')
    const settings = join(folder, 'registry.json')
    // The format is YAML, which JSON is a part of.
    await writeFile(
      settings,
      JSON.stringify({
        version: 0.1,
        log: { level: 'warn' },
        storage: { filesystem: { rootdirectory: join(folder, 'storage') }, delete: { enabled: true } },
        http: { addr: address },
      }),
    )
    await lab.start({
      name: 'registry',
      argv: [lab.bin('registry'), 'serve', settings],
      ready: () => answers(`http://${address}/v2/`),
    })
    await lab.writeFacts('registry', { url: `http://${address}`, registry: address })
  },
}
