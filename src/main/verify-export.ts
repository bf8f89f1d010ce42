import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { PlatformError } from '#errors/platform-error.ts'
import type { AuditVerification } from '#cli/command.ts'

const program = join(import.meta.dirname, '../../tools/audit-verify.mjs')

/** Runs the auditor's own program on an export: it shares no code with the platform that it checks. */
export function verifyExport(
  file: string,
  { keys, heads }: { keys: readonly string[]; heads: readonly string[] },
): Promise<AuditVerification> {
  const argv = [...keys.flatMap((path) => ['--key', path]), ...heads.flatMap((path) => ['--heads', path])]
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, file, ...argv], { env: {} }, (error, stdout, stderr) => {
      if (!error || error.code === 1) resolve(JSON.parse(stdout) as AuditVerification)
      else reject(new PlatformError('USAGE', `${file} could not be checked: ${stderr.trim() || error.message}`))
    })
  })
}
