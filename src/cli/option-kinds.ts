import type { KnownNames } from './known-names.ts'

const kinds: Readonly<Record<string, keyof KnownNames>> = {
  '--env': 'environments',
  '--to': 'environments',
  '--service': 'services',
  '--template': 'templates',
}

/** What the value of an option names, as its flag stands in help or is typed; undefined when it is no name of the platform. */
export function kindOfOption(flag: string): keyof KnownNames | undefined {
  return kinds[flag.split(' ')[0] ?? '']
}
