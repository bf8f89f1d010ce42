/** Room for the bodies that are read at the same time. */
export interface BodyBudget {
  /** A place among the workload's requests; undefined when it has as many as it may. Must be left. */
  enter(workload: string): { reserve(bytes: number): boolean; leave(): void } | undefined
}

export interface BodyRoom {
  readonly requestsEach: number
  readonly bytesEach: number
  readonly bytes: number
}

/** Bounds the memory of bodies over all senders, and what one workload may take of it. */
export function bodyBudget({ requestsEach, bytesEach, bytes: all }: BodyRoom): BodyBudget {
  const workloads = new Map<string, { requests: number; bytes: number }>()
  let held = 0
  return {
    enter(workload) {
      const own = workloads.get(workload) ?? { requests: 0, bytes: 0 }
      if (own.requests >= requestsEach) return undefined
      workloads.set(workload, own)
      own.requests++
      let mine = 0
      return {
        reserve(bytes) {
          if (held + bytes > all || own.bytes + bytes > bytesEach) return false
          held += bytes
          own.bytes += bytes
          mine += bytes
          return true
        },
        leave() {
          held -= mine
          own.bytes -= mine
          mine = 0
          if (--own.requests === 0) workloads.delete(workload)
        },
      }
    },
  }
}
