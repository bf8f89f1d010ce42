import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where binaries are kept outside every checkout, so that the next run has them. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fairway-lab')
