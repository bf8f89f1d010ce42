import { cpSync, mkdirSync } from 'node:fs'

if (${{ values.description | dump }} === 'Fails to build.') process.exit(1)
mkdirSync('dist', { recursive: true })
cpSync('server.js', 'dist/server.js')
