/** Rewrites expected/ and manifests/ of every example of every golden path: `node tools/generate/golden.ts`. Read the diff before you commit it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { examples, renderExample } from '../../testing/golden-paths.ts'

for (const example of examples()) {
  const files = renderExample(example)
  for (const folder of ['expected', 'manifests']) rmSync(join(example.folder, folder), { recursive: true, force: true })
  for (const [path, content] of files) {
    const target = join(example.folder, path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
  console.log(`${example.folder}: ${files.size} files`)
}
