import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const server = `http://localhost:${process.env['FAIRWAY_PORT'] ?? '7007'}`

/** Static files for the control plane to serve; `vite` alone serves them with a proxy to a platform that runs. */
export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@fairway\/client$/, replacement: fileURLToPath(new URL('../src/client/client.ts', import.meta.url)) },
    ],
  },
  build: {
    outDir: 'dist',
    target: 'es2023',
    reportCompressedSize: true,
    // Inlined files would be data: addresses, which the content security policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { port: 7017, proxy: { '/api': { target: server, changeOrigin: true } } },
})
