import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainName } from './plain-name.ts'

test('a name in another case, form or script, with a dot or an invisible mark, is the same name', () => {
  const forged = [
    'Pay-API',
    'PAY-API',
    'pay-api.',
    'pay-api ',
    ' pay-api',
    'pay_api',
    'pay.api',
    'ｐａｙ-ａｐｉ',
    'рау-арі',
    'pаy-api',
    'pay‐api',
    'pay–api',
    'pay-\u200bapi',
    'pay-api\u0000',
    'p\u0301ay-api',
    'páy-api',
    '-pay-api-',
    'ᴘay-api'.replace('ᴘ', 'р'),
  ] // prettier-ignore

  for (const name of forged) assert.equal(plainName(name), 'pay-api', JSON.stringify(name))
})

test('another name stays another', () => {
  for (const name of ['pay-api2', 'payapi', 'pay', 'shop']) assert.equal(plainName(name), name)
})
