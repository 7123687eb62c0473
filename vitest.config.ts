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
    // Where somebody else's work on the machine starved a test of real processes it is tried once more; the report names it.
    retry: process.env.CI === 'true' ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // Much of it waits for processes: three keep two cores busy.
    maxWorkers: 3,
  },
})
