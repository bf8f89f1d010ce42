import { all, attempts, type HostileCase, isolated } from './case.ts'
import { diskLimits, processesWith } from './world.ts'

const mark = (name: string) => `survivor-${process.pid}-${name}`

export const stayingCases: readonly HostileCase[] = [
  {
    name: 'leaves a daemon behind, outside its group and session',
    blockedBy: isolated,
    harmless: false,
    worksUnisolated: false,
    script: (_world, random) => `${attempts}
      const sleep = 'setInterval(() => {}, 1e6) /* ${mark('daemon')} */'
      const ways = [['/usr/bin/setsid', [process.execPath, '-e', sleep]], ['/usr/bin/nohup', [process.execPath, '-e', sleep]], [process.execPath, ['-e', sleep]]]
      const [program, argv] = ways[${Math.floor(random() * 3)}]
      attempt('spawn', () => child.spawn(program, argv, { detached: true, stdio: 'ignore' }).unref())
      setTimeout(finish, 200)`,
    judge: async () => {
      const left = await processesWith(mark('daemon'))
      return left.length > 0 ? `${left.length} processes outlived the step` : undefined
    },
  },
  {
    name: 'bombs with processes',
    blockedBy: isolated,
    harmless: false,
    worksUnisolated: false,
    script: () => `${attempts}
      let made = 0, refusals = 0
      const more = () => { for (let turn = 0; turn < 60; turn++) { const one = child.spawn('/bin/sh', ['-c', 'kill -STOP $$', '${mark('bomb')}'], { detached: true, stdio: 'ignore' }); one.on('error', () => refusals++); if (one.pid) made++ }
        if (made < 1500 && refusals < 20) setImmediate(more); else { console.log('MADE', made); finish(); process.exit(0) } }
      more()`,
    judge: async ({ said }) => {
      const made = Number(/MADE (\d+)/.exec(said)?.[1] ?? 0)
      const left = await processesWith(mark('bomb'))
      if (left.length > 0) return `${left.length} processes of the bomb are left`
      return made > 1_100 ? `it had ${made} processes at once` : undefined
    },
  },
  {
    name: 'fills the disk with one file, many files or a sparse file',
    blockedBy: isolated,
    harmless: false,
    worksUnisolated: false,
    script: (_world, random) => `${attempts}
      const way = ${Math.floor(random() * 2)}, block = Buffer.alloc(1 << 20, 1)
      attempt('fill', () => { for (let at = 0; at < 120; at++) fs.writeFileSync(way === 0 ? 'big' : 'big' + at, block, { flag: 'a' }) })
      attempt('files', () => { fs.mkdirSync('many'); for (let at = 0; at < 3000; at++) fs.writeFileSync('many/' + at, '') })
      finish()`,
    judge: ({ result, said }) => {
      if (result?.state === 'success') return `a step wrote past ${diskLimits.bytes / 1e6} MB and the build went on`
      return /was ended|SIGXFSZ/.test(result?.failure?.reason ?? said)
        ? undefined
        : `it ended otherwise: ${result?.failure?.reason}`
    },
  },
  {
    name: 'never ends, and ignores being asked to',
    blockedBy: all,
    harmless: false,
    worksUnisolated: false,
    script: () => `${attempts}
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => {})
      tried(); console.log('x'.repeat(17_000_000)); setInterval(() => {}, 1e6) /* ${mark('endless')} */`,
    judge: async ({ result }) => {
      if (result?.state === 'success') return 'an endless step succeeded'
      return (await processesWith(mark('endless'))).length > 0 ? 'it still runs' : undefined
    },
  },
]
