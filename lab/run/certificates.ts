import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'

export interface CertificateRequest {
  /** File name without ending. */
  readonly name: string
  readonly commonName: string
  readonly organisation?: string
  /** Names and addresses of a server, as `DNS:localhost` or `IP:127.0.0.1`. */
  readonly names?: readonly string[]
}

export interface Certificate {
  readonly certificate: string
  readonly key: string
}

/** The lab's own authority in `folder`, made when absent. */
export async function certificateAuthority(folder: string): Promise<Certificate> {
  const files = filesOf(folder, 'ca')
  if (await exists(files.certificate)) return files
  await openssl([
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '30',
    '-subj',
    '/CN=fairway-lab',
    '-keyout',
    files.key,
    '-out',
    files.certificate,
  ])
  return files
}

/** A certificate of the lab's authority in `folder`, made when absent. Keys never leave the folder. */
export async function certificate(
  folder: string,
  { name, commonName, organisation, names = [] }: CertificateRequest,
): Promise<Certificate> {
  const authority = await certificateAuthority(folder)
  const files = filesOf(folder, name)
  if (await exists(files.certificate)) return files
  const subject = `${organisation === undefined ? '' : `/O=${organisation}`}/CN=${commonName}`
  const request = join(folder, `${name}.csr`)
  await openssl(['req', '-newkey', 'rsa:2048', '-nodes', '-subj', subject, '-keyout', files.key, '-out', request])
  const extensions = join(folder, `${name}.ext`)
  const usage = 'keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n'
  await writeFile(extensions, usage + (names.length > 0 ? `subjectAltName=${names.join(',')}\n` : ''))
  await openssl([
    'x509',
    '-req',
    '-in',
    request,
    '-CA',
    authority.certificate,
    '-CAkey',
    authority.key,
    '-CAcreateserial',
    '-days',
    '30',
    '-extfile',
    extensions,
    '-out',
    files.certificate,
  ])
  return files
}

/** A kubeconfig with everything inside it, so that it can be handed on as one file. */
export async function kubeconfig(options: {
  server: string
  authority: string
  user: Certificate
  namespace?: string
}): Promise<string> {
  const inline = async (path: string) => (await readFile(path)).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'lab',
        cluster: { server: options.server, 'certificate-authority-data': await inline(options.authority) },
      },
    ],
    users: [
      {
        name: 'lab',
        user: {
          'client-certificate-data': await inline(options.user.certificate),
          'client-key-data': await inline(options.user.key),
        },
      },
    ],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab', namespace: options.namespace ?? 'default' } }],
    'current-context': 'lab',
  })
}

const filesOf = (folder: string, name: string): Certificate => ({
  certificate: join(folder, `${name}.crt`),
  key: join(folder, `${name}.key`),
})

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function openssl(argv: readonly string[]): Promise<void> {
  const { failed, stderr } = await execa('openssl', [...argv], { reject: false })
  if (failed) throw new Error(`openssl ${argv[0]}: ${String(stderr).trim().split('\n').at(-1)}`)
}
