import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const server = `http://localhost:${process.env['FAIRWAY_PORT'] ?? '7007'}`

/** Static files for the control plane to serve; `vite` alone serves them with a proxy to a platform that runs. */
export default defineConfig({
  plugins: [react(), compressed()],
  resolve: {
    alias: [
      { find: /^@fairway\/client$/, replacement: fileURLToPath(new URL('../src/client/client.ts', import.meta.url)) },
      { find: /^@fairway\/curl$/, replacement: fileURLToPath(new URL('../src/client/curl.ts', import.meta.url)) },
    ],
  },
  build: {
    outDir: 'dist',
    target: 'es2023',
    reportCompressedSize: true,
    // Inlined files would be data: addresses, which the content security policy allows for images only.
    assetsInlineLimit: 0,
    // Which files a page needs: tools/first-load.ts adds them up.
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    // What main.tsx imports is one file: in pieces, shared with pages that may never be opened, it is 10 kB more.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'index', tags: ['$initial'] }] } } },
  },
  server: { port: 7017, proxy: { '/api': { target: server, changeOrigin: true } } },
})

/** Writes `.br` and `.gz` beside each text file, so that the control plane never compresses while it answers. */
function compressed(): Plugin {
  return {
    name: 'fairway-compressed',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(name)) continue
        const content = readFileSync(join(dir, name))
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(content))
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }))
      }
    },
  }
}
