import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { readKept, writeKept } from '../kept.ts'
import { queries } from '../queries.ts'

/** A page that this person looked at in this browser. */
interface Visit {
  readonly path: string
  readonly title: string
  readonly detail: string
}

const limit = 12

/** Remembers the page that shows it for the palette. */
export function Visited({ path, title, detail }: Visit): null {
  const person = useQuery(queries.me()).data?.person.name
  useEffect(() => {
    if (!person) return
    const others = recentOf(person).filter((visit) => visit.path !== path)
    writeKept(keyOf(person), JSON.stringify([{ path, title, detail }, ...others].slice(0, limit)))
  }, [person, path, title, detail])
  return null
}

/** The last pages first. What somebody else wrote into the browser's store is not believed. */
export function recentOf(person: string): readonly Visit[] {
  try {
    const kept: unknown = JSON.parse(readKept(keyOf(person)) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isVisit).slice(0, limit) : []
  } catch {
    return []
  }
}

function isVisit(value: unknown): value is Visit {
  const { path, title, detail } = (value ?? {}) as Partial<Record<keyof Visit, unknown>>
  return typeof path === 'string' && /^\/[a-z]/.test(path) && typeof title === 'string' && typeof detail === 'string'
}

const keyOf = (person: string): string => `fairway-recent:${person}`
