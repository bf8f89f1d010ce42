import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { writeLayer } from '#lib/oci/layer.ts'

export interface TinyBehaviour {
  readonly version: string
  /** Status of /readyz. */
  readonly ready: number
  /** Ends with this code at once instead of serving. */
  readonly exit?: number
}

/** Pushes an image of some hundred kilobytes that runs on a real node: a static HTTP server. Gives `<name>@<digest>`. */
export async function pushTinyImage(registry: string, { version, ready, exit }: TinyBehaviour): Promise<string> {
  const name = 'fairway/tiny'
  const layer = await serverLayer()
  const type = 'application/vnd.oci.image'
  const config = bytesOf({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {
      Entrypoint: ['/server', String(ready), version, String(exit ?? -1)],
      User: '10001',
      Env: ['PATH=/'],
    },
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  })
  const manifest = bytesOf({
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: `${type}.layer.v1.tar`, digest: digestOf(layer), size: layer.length }],
  })
  const base = `http://${registry}/v2/${name}`
  for (const blob of [layer, config]) await pushBlob(base, blob)
  const headers = { 'content-type': `${type}.manifest.v1+json` }
  await must(fetch(`${base}/manifests/${digestOf(manifest)}`, { method: 'PUT', headers, body: manifest }))
  return `${registry}/${name}@${digestOf(manifest)}`
}

async function pushBlob(base: string, blob: Buffer<ArrayBuffer>): Promise<void> {
  const begun = await must(fetch(`${base}/blobs/uploads/`, { method: 'POST' }))
  const place = new URL(begun.headers.get('location') ?? '', base)
  place.searchParams.set('digest', digestOf(blob))
  const headers = { 'content-type': 'application/octet-stream' }
  await must(fetch(place, { method: 'PUT', headers, body: blob }))
}

async function must(asking: Promise<Response>): Promise<Response> {
  const reply = await asking
  if (!reply.ok) throw new Error(`the registry answered ${reply.status}: ${await reply.text()}`)
  await reply.body?.cancel()
  return reply
}

let made: Promise<Buffer<ArrayBuffer>> | undefined

function serverLayer(): Promise<Buffer<ArrayBuffer>> {
  return (made ??= compile())
}

async function compile(): Promise<Buffer<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'fairway-tiny-image-'))
  try {
    await writeFile(join(folder, 'server.c'), source)
    await execa('gcc', ['-static', '-Os', '-s', '-o', join(folder, 'server'), join(folder, 'server.c')])
    const content = await readFile(join(folder, 'server'))
    const entries = [
      { path: 'server', content, mode: 0o755, uid: 0, gid: 0 },
      { path: 'tmp', mode: 0o777, uid: 0, gid: 0 },
    ]
    const { file } = await writeLayer(entries, { file: join(folder, 'layer.tar'), mtime: 0, gzip: false })
    return await readFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const bytesOf = (value: unknown): Buffer<ArrayBuffer> => Buffer.from(JSON.stringify(value))
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const source = `
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static void end(int number) { (void)number; _exit(0); }
int main(int count, char **words) {
  if (count < 4) return 2;
  if (atoi(words[3]) >= 0) { fprintf(stderr, "asked to end\\n"); return atoi(words[3]); }
  signal(SIGTERM, end);
  signal(SIGPIPE, SIG_IGN);
  int listening = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in place = { .sin_family = AF_INET };
  place.sin_port = htons(getenv("PORT") ? atoi(getenv("PORT")) : 8080);
  if (bind(listening, (struct sockaddr *)&place, sizeof place) || listen(listening, 16)) return 3;
  printf("serving %s\\n", words[2]);
  fflush(stdout);
  for (;;) {
    int client = accept(listening, 0, 0);
    if (client < 0) continue;
    char asked[2048] = {0}, answer[256];
    if (read(client, asked, sizeof asked - 1) > 0) {
      int status = strncmp(asked, "GET /readyz", 11) == 0 ? atoi(words[1]) : 200;
      int size = snprintf(answer, sizeof answer, "HTTP/1.1 %d -\\r\\nContent-Length: %zu\\r\\nConnection: close\\r\\n\\r\\n%s", status, strlen(words[2]), words[2]);
      if (write(client, answer, size) < 0) {}
    }
    close(client);
  }
}
`
