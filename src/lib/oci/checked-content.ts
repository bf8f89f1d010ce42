import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'
import { PlatformError } from '#errors/platform-error.ts'

/** Passes bytes on and fails at their end with ARTIFACT_CORRUPT when they are not what `digest` names; `from` says where they came from. */
export function checkedContent(digest: string, from: string): Transform {
  const hash = createHash('sha256')
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
    flush(done) {
      const found = `sha256:${hash.digest('hex')}`
      const fault = () => new PlatformError('ARTIFACT_CORRUPT', `${digest} is damaged ${from}: it is now ${found}`)
      done(found === digest ? null : fault())
    },
  })
}
