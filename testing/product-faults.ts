import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { test } from 'node:test'
import { codeOf, PlatformError } from '#errors/platform-error.ts'
import { answers, cutsOff, faultyServer, halfOpen, silent } from './faulty-server.ts'

interface FaultyProduct {
  /** As errors call it. */
  readonly product: string
  /** What a page reads, from the product at this address with the token in this variable of the environment. */
  read(url: string, token: { fromEnv: string }): Promise<unknown>
}

const variable = 'FAIRWAY_TEST_PRODUCT_TOKEN'
const secret = 'a-wrong-token-3f9c'
const away = 'http://127.0.0.1:9'

const faults = {
  'takes the connection and says nothing': [silent, 'PRODUCT_UNREACHABLE', /cannot be asked since .*: /],
  'ends in the middle of an answer': [halfOpen, 'PRODUCT_UNREACHABLE', /cannot be asked since .*: /],
  'cuts the connection': [cutsOff, 'PRODUCT_UNREACHABLE', /cannot be asked since .*: /],
  'does not know the token': [answers(401, { said: secret }), 'PRODUCT_UNAUTHORISED', /credential/],
  'lacks a right': [answers(403, { error: 'no' }), 'PRODUCT_FORBIDDEN', /lacks the right to (query|read)/],
  'asks to wait longer than a page can': [answers(429, {}, { 'retry-after': '60' }), 'PRODUCT_RATE_LIMITED', /60 s/],
  'answers 500': [answers(500, { error: 'out of order' }), 'PRODUCT_FAILED', /answered 500: .*out of order/],
  'answers what is no answer of it': [
    answers(200, { data: 'none', traces: 'none' }),
    'PRODUCT_FAILED',
    /another shape/,
  ],
  'sends elsewhere': [answers(302, {}, { location: away }), 'PRODUCT_FAILED', /sends elsewhere/],
} as const

/** What a page must say when its source is at fault: the fault, by its code and in words; never an empty answer, never the token. */
export function describeProductFaults({ product, read }: FaultyProduct): void {
  process.env[variable] = secret
  const failing = async (url: string) => {
    const found = await read(url, { fromEnv: variable }).then(
      (answer) => assert.fail(`an answer: ${inspect(answer)}`),
      (error: unknown) => error,
    )
    assert.ok(found instanceof PlatformError, inspect(found))
    assert.ok(!inspect(found, { depth: 9 }).includes(secret), 'the token is in the error')
    assert.ok(found.message.startsWith(product), found.message)
    return found
  }

  for (const [fault, [answer, code, message]] of Object.entries(faults))
    test(`${product} that ${fault} is ${code}, not an empty page`, async (t) => {
      const error = await failing((await faultyServer(t, answer)).url)

      assert.equal(codeOf(error), code)
      assert.match(error.message, message)
    })

  test(`${product} that is not there is PRODUCT_UNREACHABLE, with since when and what to do`, async () => {
    const error = await failing(away)

    assert.equal(codeOf(error), 'PRODUCT_UNREACHABLE')
    assert.match(String(error.facts?.['since']), /^\d{4}-/)
    assert.match(error.hint ?? '', /nothing is known of it/)
  })
}
