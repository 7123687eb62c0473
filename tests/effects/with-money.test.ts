import { expect, test } from 'vitest'
import { withMoney } from '../../src/effects/with-money.ts'

const LIMITS = { tokens: null, usd: null } as unknown as Parameters<typeof withMoney>[0]

test.each([
  [null, { usd: null, tokens: null }, { usd: null, tokens: null }],
  [null, { usd: 2, tokens: 500 }, { usd: 2, tokens: 500 }],
  [300, { usd: null, tokens: 500 }, { usd: null, tokens: 300 }],
  [700, { usd: null, tokens: 500 }, { usd: null, tokens: 500 }],
  [700, { usd: null, tokens: null }, { usd: null, tokens: 700 }],
])('max_tokens %s and %j: the smaller wins', (tokens, reserved, expected) => {
  expect(withMoney({ ...LIMITS, tokens }, reserved, null)).toMatchObject(expected)
})

test('a session whose stream counts what it used before gets that on top', () => {
  const before = { inputTokens: 100, cachedInputTokens: 0, outputTokens: 20, usd: 0.5, coveredUsd: 0 }
  expect(withMoney(LIMITS, { usd: 2, tokens: 500 }, before)).toMatchObject({ usd: 2.5, tokens: 620 })
  expect(withMoney(LIMITS, { usd: null, tokens: null }, before)).toMatchObject({ usd: null, tokens: null })
})
