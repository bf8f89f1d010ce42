import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog } from './log.ts'

test('an event is one line of JSON with time, level and message', () => {
  const lines: string[] = []

  createLog('info', (line) => lines.push(line)).warn('two\nlines', { items: 3 })

  const event = JSON.parse(lines.join(''))
  assert.equal(lines.join('').indexOf('\n'), lines.join('').length - 1)
  assert.equal(new Date(event.time).toISOString(), event.time)
  assert.deepEqual({ ...event, time: '' }, { time: '', level: 'warn', msg: 'two\nlines', items: 3 })
})

test('events below the level are left out', () => {
  const lines: string[] = []

  createLog('warn', (line) => lines.push(line)).info('too much')

  assert.deepEqual(lines, [])
})

test('a field that JSON cannot hold does not lose the event', () => {
  const lines: string[] = []
  const loop: Record<string, unknown> = {}
  loop['self'] = loop

  createLog('info', (line) => lines.push(line)).error('odd', { loop })

  assert.equal(JSON.parse(lines.join('')).msg, 'odd')
})

test('an error keeps its message, stack and cause', () => {
  const lines: string[] = []

  createLog('info', (line) => lines.push(line)).error('bad', {
    error: new Error('outer', { cause: new Error('inner') }),
  })

  const { error } = JSON.parse(lines.join(''))
  assert.equal(error.message, 'outer')
  assert.equal(error.cause.message, 'inner')
  assert.match(error.stack, /log\.test\.ts/)
})
