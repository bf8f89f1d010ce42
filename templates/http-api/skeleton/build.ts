import { rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'

/** One file without node_modules: the image stays small and starts fast. */
await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: { server: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Names stay, so stack traces and error types in the logs stay readable.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
})
// Only dist/ goes into the image: without this line Node.js would have to guess the module format.
await writeFile('dist/package.json', '{"type":"module"}\n')
