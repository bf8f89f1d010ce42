import { z } from 'zod'
import { codeOf } from '#errors/platform-error.ts'
import { type PlaceEvents, type PlaceName, placeKey } from '../events.ts'
import { readJsonFile, writeJsonFile } from '../json-file.ts'
import { type Listening, startTarget } from './gateway.ts'
import type { Routes } from './routes.ts'

/** Ports of this machine by which workloads reach services. Kept on disk: running workloads hold the addresses. */
export interface Targets {
  addressOf(place: PlaceName): Promise<string>
  /** Listens again for every service that a workload was told of before. */
  restore(): Promise<void>
  close(): Promise<void>
}

const Ports = z.record(z.string(), z.int())

export function targets(file: string, { routes, events }: { routes: Routes; events: PlaceEvents }): Targets {
  const listening = new Map<string, Promise<Listening>>()
  const open = (place: PlaceName, port: number) => {
    const key = placeKey(place)
    const opened = listening.get(key) ?? begin(place, port)
    listening.set(key, opened)
    opened.catch(() => listening.delete(key))
    return opened
  }
  const begin = async (place: PlaceName, port: number) => {
    try {
      return await startTarget(port, routes.forPlace(place))
    } catch (error) {
      if (codeOf(error) !== 'PORT_TAKEN') throw error
      const message = `port ${port}, by which workloads reach ${place.service}, was taken by another process; those that call it must start again`
      events.add(place, { level: 'warn', reason: 'AddressChanged', message })
      return startTarget(0, routes.forPlace(place))
    }
  }
  const save = async () => {
    const all = [...listening].map(async ([key, opened]) => [key, (await opened).port] as const)
    await writeJsonFile(file, Object.fromEntries(await Promise.all(all)))
  }
  return {
    async addressOf(place) {
      const isNew = !listening.has(placeKey(place))
      const { port } = await open(place, 0)
      if (isNew) await save()
      return `http://127.0.0.1:${port}`
    },
    async restore() {
      const ports = (await readJsonFile(file, Ports)) ?? {}
      for (const [key, port] of Object.entries(ports)) {
        const [environment = '', service = ''] = key.split('/')
        await open({ environment, service }, port)
      }
    },
    async close() {
      await Promise.all([...listening.values()].map(async (opened) => (await opened).close()))
    },
  }
}
