/** What services are given to work with; routes pass it on and never look inside. */
export type { Platform } from '#workflows/platform.ts'
