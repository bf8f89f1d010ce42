import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { generate } from './generate.ts'

const leftOut = [
  'node_modules',
  '.node',
  '.git',
  '.fairway',
  '.cache',
  '.pictures',
  'portal/dist',
  'portal/node_modules',
]

/** Generated files of the checkout that differ from what their generators write today. Nothing in the checkout changes. */
export async function staleFiles(root: string): Promise<readonly string[]> {
  const copy = await mkdtemp(join(tmpdir(), 'fairway-generated-'))
  try {
    await cp(root, copy, { recursive: true, filter: (path) => !leftOut.includes(relative(root, path)) })
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
    const before = await contentsOf(copy)
    await generate(copy, () => {})
    const after = await contentsOf(copy)
    const all = new Set([...before.keys(), ...after.keys()])
    return [...all].filter((path) => before.get(path) !== after.get(path)).sort()
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function contentsOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const read = async (file: string) => [relative(folder, file), await readFile(file, 'base64')] as const
  return new Map(await Promise.all(files.map(read)))
}
