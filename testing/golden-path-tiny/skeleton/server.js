import { createServer } from 'node:http'

if (${{ values.description | dump }} === 'Fails to start.') process.exit(1)
const server = createServer((_, reply) => reply.end('one'))
server.listen(Number(process.env.PORT ?? 8080), '0.0.0.0')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
