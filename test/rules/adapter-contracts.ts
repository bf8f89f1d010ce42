import type { CheckedFile, Violation } from './checkout.ts'

/** Every adapter runs the contract suite of its port: a test in its folder imports `#ports/<port>.contract.ts`. */
export function adapterContracts(files: readonly CheckedFile[]): Violation[] {
  const adapters = new Set(files.flatMap(({ path }) => /^src\/adapters\/[^/]+\/[^/]+(?=\/)/.exec(path) ?? []))
  return [...adapters].flatMap((folder) => {
    const port = folder.split('/')[2] ?? ''
    const suite = new RegExp(`ports/${port}\\.contract\\.ts['"]`)
    const runs = files.some(
      ({ path, text }) => path.startsWith(`${folder}/`) && path.endsWith('.test.ts') && suite.test(text),
    )
    return runs ? [] : [{ path: folder, message: `no test here runs src/ports/${port}.contract.ts` }]
  })
}
