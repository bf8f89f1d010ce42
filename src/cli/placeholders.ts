import type { KnownNames } from './known-names.ts'

/** What stands for a name of the platform, in arguments and options. */
const names: Readonly<Record<string, keyof KnownNames>> = {
  service: 'services',
  environment: 'environments',
  template: 'templates',
  run: 'runs',
  change: 'changes',
  team: 'teams',
  person: 'people',
}

const files = new Set(['file', 'folder'])

/** What a placeholder asks for: names that exist, a path of this machine, or words that only the person knows. */
export function kindOfPlaceholder(placeholder: string): keyof KnownNames | 'path' | undefined {
  return files.has(placeholder) ? 'path' : names[placeholder]
}
