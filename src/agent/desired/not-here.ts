import { PlatformError } from '#errors/platform-error.ts'

/** An error that says what the embedded runtime cannot do. */
export function notHere(reason: string): PlatformError {
  return new PlatformError('WORKLOAD_NOT_RUNNABLE_HERE', `the embedded runtime cannot run this workload: ${reason}`, {
    hint: 'use Kubernetes for it',
  })
}
