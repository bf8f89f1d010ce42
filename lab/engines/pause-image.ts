import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

/** The image that holds a pod's namespaces. It never leaves the node. */
export const pauseImage = 'lab.local/pause:1'

const source = `#include <signal.h>
#include <unistd.h>
static void end(int signal) { (void)signal; _exit(0); }
int main(void) {
  signal(SIGTERM, end);
  signal(SIGINT, end);
  signal(SIGCHLD, SIG_IGN);
  for (;;) pause();
}
`

/** Makes the image from ten lines of C and puts it on the node, when it is not there. */
export async function importPause(folder: string, socket: string): Promise<void> {
  const ctr = ['--address', socket, '-n', 'k8s.io', 'images']
  const { stdout } = await execa('ctr', [...ctr, 'list', '-q'])
  if (String(stdout).split('\n').includes(pauseImage)) return
  const work = join(folder, 'pause')
  await rm(work, { recursive: true, force: true })
  await mkdir(join(work, 'root'), { recursive: true })
  await mkdir(join(work, 'image/blobs/sha256'), { recursive: true })
  await writeFile(join(work, 'pause.c'), source)
  await execa('gcc', ['-static', '-Os', '-s', '-o', join(work, 'root/pause'), join(work, 'pause.c')])
  await execa('tar', ['-C', join(work, 'root'), '-cf', join(work, 'layer.tar'), 'pause'])
  const blob = async (bytes: Uint8Array) => {
    const hex = createHash('sha256').update(bytes).digest('hex')
    await writeFile(join(work, 'image/blobs/sha256', hex), bytes)
    return { digest: `sha256:${hex}`, size: bytes.byteLength }
  }
  const json = (value: unknown) => blob(Buffer.from(JSON.stringify(value)))
  const layer = await blob(await readFile(join(work, 'layer.tar')))
  const config = await json({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  })
  const type = 'application/vnd.oci.image'
  const manifest = await json({
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, ...config },
    layers: [{ mediaType: `${type}.layer.v1.tar`, ...layer }],
  })
  const annotations = { 'io.containerd.image.name': pauseImage, 'org.opencontainers.image.ref.name': '1' }
  const index = { schemaVersion: 2, manifests: [{ mediaType: `${type}.manifest.v1+json`, ...manifest, annotations }] }
  await writeFile(join(work, 'image/index.json'), JSON.stringify(index))
  await writeFile(join(work, 'image/oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await execa('tar', ['-C', join(work, 'image'), '-cf', join(work, 'image.tar'), '.'])
  await execa('ctr', [...ctr, 'import', join(work, 'image.tar')])
}
