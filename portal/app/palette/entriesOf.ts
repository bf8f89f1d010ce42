import type {
  CatalogEntity,
  ChangeRequest,
  DocEntry,
  Environment,
  GoldenPath,
  Run,
  ServiceSummary,
} from '../../model.ts'
import { runTitle } from '../../pages/rows.tsx'
import { withShortVersions } from '../../ui/Copy.tsx'
import { wordFor } from '../../ui/vocabulary.ts'
import { paths } from '../paths.ts'
import type { Entry } from './entry.ts'

export function serviceEntry({ name, owner, description }: ServiceSummary): Entry {
  return {
    id: `service ${name}`,
    section: 'Catalog',
    title: name,
    detail: `service of ${owner}`,
    also: description,
    cli: `fairway status ${name}`,
    open: { to: paths.service(name) },
  }
}

export function entityEntry({ ref, entity }: CatalogEntity): Entry {
  const { kind, metadata } = entity
  return {
    id: `entity ${ref}`,
    section: 'Catalog',
    title: metadata.name,
    detail: kind.toLowerCase(),
    also: [metadata.title, metadata.description].join(' '),
    cli: `fairway catalog show ${ref}`,
    open: { to: paths.entity(kind.toLowerCase(), metadata.namespace, metadata.name) },
  }
}

export function goldenPathEntry({
  name,
  title,
  description,
}: Pick<GoldenPath, 'name' | 'title' | 'description'>): Entry {
  return {
    id: `template ${name}`,
    section: 'Create',
    title: `New ${title}…`,
    also: `create service ${description}`,
    cli: `fairway new --template ${name}`,
    open: { to: paths.createFrom(name) },
  }
}

export function runEntry(run: Run): Entry {
  return {
    id: `run ${run.id}`,
    section: 'Runs',
    title: runTitle(run),
    detail: `${wordFor(run.state).word.toLowerCase()}, ${run.requestedBy}`,
    also: `${run.id} run`,
    cli: `fairway run show ${run.id}`,
    open: { to: paths.run(run.id) },
  }
}

export function changeEntry(change: ChangeRequest): Entry {
  return {
    id: `change ${change.id}`,
    section: 'Changes',
    title: withShortVersions(change.title),
    detail: `#${change.number}, ${wordFor(change.state).word.toLowerCase()}`,
    also: `${change.id} ${change.author} change request`,
    cli: `fairway change show ${change.id}`,
    open: { to: paths.change(change) },
  }
}

export function environmentEntry({ metadata }: Environment): Entry {
  return {
    id: `environment ${metadata.name}`,
    section: 'Environments',
    title: metadata.name,
    detail: 'environment: its services and releases',
    cli: `fairway env show ${metadata.name}`,
    open: { to: paths.environment(metadata.name) },
  }
}

export function docEntry({ source, path, title }: DocEntry): Entry {
  return {
    id: `doc ${source} ${path}`,
    section: 'Docs',
    title,
    detail: source === 'fairway' ? path : `${source} ${path}`,
    also: 'docs',
    open: { to: paths.doc(source, path) },
  }
}
