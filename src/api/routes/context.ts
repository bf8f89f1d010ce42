import type { Platform } from '#services/platform.ts'
import type { LoginKeys } from '#services/sessions.ts'
import type { Doctor } from '#services/doctor.ts'
import type { LiveChecks } from '#services/live-checks.ts'

export interface ApiContext {
  readonly platform: Platform
  readonly keys: LoginKeys
  readonly doctor: Doctor
  readonly live: LiveChecks
  readonly version: string
}
