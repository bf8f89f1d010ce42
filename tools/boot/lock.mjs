// One boot at a time in one checkout. The lock names its process; a lock whose process is gone is taken over.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits for the lock and returns what releases it. `onWait(pid)` is called once when somebody else holds it. */
export async function acquireLock(path, onWait) {
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  for (let told = false; ; await pause(100)) {
    if (take(path, mine)) return () => release(path, mine)
    const held = read(path)
    if (held === undefined) continue
    const [pid, started] = held.trim().split(' ')
    if (startOf(Number(pid)) !== started) discard(path, held)
    else if (!told) {
      told = true
      onWait(pid)
    }
  }
}

// A link appears with its content or not at all; a file that is created and then written could be read empty.
function take(path, mine) {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, mine)
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

// Two may find the same dead lock: whoever moved a newer one away by mistake puts it back.
function discard(path, held) {
  const aside = `${path}.${process.pid}.old`
  try {
    renameSync(path, aside)
    if (readFileSync(aside, 'utf8') !== held) linkSync(aside, path)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
  rmSync(aside, { force: true })
}

function release(path, mine) {
  if (read(path) === mine) rmSync(path, { force: true })
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

// Field 22 of stat is the start time; a later process with the same pid has another. Elsewhere a live pid must do.
function startOf(pid) {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0) ? 'alive' : 'gone'
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch (error) {
    return error.code === 'EPERM' ? 'alive' : 'gone'
  }
}
