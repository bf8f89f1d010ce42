import type { Platform } from '#services/platform.ts'
import type { LoginKeys } from '#services/sessions.ts'
import type { Doctor } from '#services/doctor.ts'

export interface ApiContext {
  readonly platform: Platform
  readonly keys: LoginKeys
  readonly doctor: Doctor
  readonly version: string
}
