/** Every state in one word and one tone, the same on every page. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'mute'
export type Sign = 'check' | 'cross' | 'alert' | 'turning' | 'wait' | 'dash' | 'back' | 'question'

export interface Word {
  readonly word: string
  readonly tone: Tone
  readonly sign: Sign
}

const words: Readonly<Record<string, Word>> = {
  // health and sync
  healthy: { word: 'Healthy', tone: 'good', sign: 'check' },
  degraded: { word: 'Degraded', tone: 'bad', sign: 'cross' },
  progressing: { word: 'Progressing', tone: 'busy', sign: 'turning' },
  synced: { word: 'Synced', tone: 'good', sign: 'check' },
  drifted: { word: 'Drifted', tone: 'warn', sign: 'alert' },
  unknown: { word: 'Unknown', tone: 'warn', sign: 'question' },
  adopting: { word: 'Not yet on the path', tone: 'warn', sign: 'wait' },
  absent: { word: 'Not deployed', tone: 'mute', sign: 'dash' },
  // runs and steps
  queued: { word: 'Queued', tone: 'mute', sign: 'wait' },
  pending: { word: 'Pending', tone: 'mute', sign: 'dash' },
  running: { word: 'Running', tone: 'busy', sign: 'turning' },
  waiting: { word: 'Waiting', tone: 'warn', sign: 'wait' },
  succeeded: { word: 'Succeeded', tone: 'good', sign: 'check' },
  failed: { word: 'Failed', tone: 'bad', sign: 'cross' },
  cancelled: { word: 'Cancelled', tone: 'mute', sign: 'dash' },
  superseded: { word: 'Superseded', tone: 'mute', sign: 'dash' },
  skipped: { word: 'Skipped', tone: 'mute', sign: 'dash' },
  undone: { word: 'Undone', tone: 'mute', sign: 'back' },
  kept: { word: 'Kept', tone: 'warn', sign: 'alert' },
  // change requests and checks
  open: { word: 'Open', tone: 'busy', sign: 'wait' },
  merged: { word: 'Merged', tone: 'good', sign: 'check' },
  closed: { word: 'Closed', tone: 'mute', sign: 'dash' },
  success: { word: 'Passed', tone: 'good', sign: 'check' },
  failure: { word: 'Failed', tone: 'bad', sign: 'cross' },
  approve: { word: 'Approved', tone: 'good', sign: 'check' },
  reject: { word: 'Rejected', tone: 'bad', sign: 'cross' },
  verified: { word: 'Verified', tone: 'good', sign: 'check' },
  allowed: { word: 'Allowed', tone: 'good', sign: 'check' },
  denied: { word: 'Denied', tone: 'bad', sign: 'cross' },
  deny: { word: 'Denies', tone: 'bad', sign: 'cross' },
  // instances
  starting: { word: 'Starting', tone: 'busy', sign: 'turning' },
  ready: { word: 'Ready', tone: 'good', sign: 'check' },
  'not-ready': { word: 'Not ready', tone: 'warn', sign: 'alert' },
  crashed: { word: 'Crashed', tone: 'bad', sign: 'cross' },
  stopping: { word: 'Stopping', tone: 'mute', sign: 'wait' },
  // severities and the doctor
  error: { word: 'Error', tone: 'bad', sign: 'cross' },
  warning: { word: 'Warning', tone: 'warn', sign: 'alert' },
  warn: { word: 'Warning', tone: 'warn', sign: 'alert' },
  info: { word: 'Info', tone: 'busy', sign: 'dash' },
  ok: { word: 'OK', tone: 'good', sign: 'check' },
  missing: { word: 'Missing', tone: 'warn', sign: 'alert' },
  problem: { word: 'Problem', tone: 'bad', sign: 'cross' },
  // rules at a cluster's door
  enforced: { word: 'Enforced', tone: 'good', sign: 'check' },
  warns: { word: 'Warns only', tone: 'warn', sign: 'alert' },
  different: { word: 'Changed', tone: 'bad', sign: 'cross' },
  inactive: { word: 'Not taken up', tone: 'bad', sign: 'cross' },
  refused: { word: 'Refused', tone: 'bad', sign: 'cross' },
}

/** The word for a state; one that this portal does not know is shown as it came. */
export function wordFor(state: string): Word {
  return words[state] ?? { word: state, tone: 'mute', sign: 'question' }
}
