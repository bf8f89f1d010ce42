import type { Ports } from '#ports/ports.ts'
import type { Platform } from '../platform.ts'

/** Members of the ports that change something outside our database, or hand out the means to. */
const writing: Partial<Record<keyof Ports, readonly string[]>> = {
  gitHost: ['remote', 'create', 'protect', 'archive', 'purge', 'propose', 'review', 'check', 'merge', 'close'],
  ci: ['build', 'publish'],
}

/**
 * The platform as a step sees it: before each effect outside it is asked whether the step may still have it. A process
 * that was stopped, and whose run somebody else carries by now, comes to nothing there.
 */
export function heldPlatform(platform: Platform, require: () => Promise<void>): Platform {
  const guard = <T extends object>(object: T, names: readonly string[]): T =>
    new Proxy(object, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member === 'function')
          return names.includes(String(name))
            ? async (...args: unknown[]) => {
                await require()
                return Reflect.apply(member, target, args) as unknown
              }
            : member.bind(target)
        return typeof member === 'object' && member !== null && !isFrozen(target, name) ? guard(member, names) : member
      },
    })
  const ports = new Proxy(platform.ports ?? {}, {
    get(target, name) {
      const port: unknown = Reflect.get(target, name)
      const names = writing[name as keyof Ports]
      return names && port ? guard(port as object, names) : port
    },
  })
  return { ...platform, ports }
}

/** A proxy may not give another value for a property that can never change. */
function isFrozen(target: object, name: string | symbol): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, name)
  return own?.configurable === false && own.writable === false
}
