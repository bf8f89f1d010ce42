/** Does something again and again, each time `ms` after the last one ended. What it throws is given to `onError`, never further. */
export function keepDoing(
  ms: number,
  act: () => Promise<unknown>,
  onError: (error: unknown) => void = report,
): { stop(): Promise<void> } {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let doing: Promise<void> = Promise.resolve()
  const turn = () => {
    doing = act()
      .then(() => {}, onError)
      .then(() => {
        if (!isStopped) timer = setTimeout(turn, ms)
      })
  }
  turn()
  return {
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await doing
      clearTimeout(timer)
    },
  }
}

function report(error: unknown): void {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`)
}
