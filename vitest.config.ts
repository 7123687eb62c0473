import { defineConfig } from 'vitest/config'

/** Too long to stand for others: part of the full conformance run alone. */
const LONG =
  process.env.OC_CONFORMANCE === 'full'
    ? []
    : ['tests/conformance/quota-waits.test.ts', 'tests/conformance/trial.test.ts']

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/fixtures/**', ...LONG],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // Much of it waits for processes: three keep two cores busy.
    maxWorkers: 3,
  },
})
