import { defineConfig } from 'vitest/config'

/** Too long to stand for others: part of the full conformance run alone. */
const LONG =
  process.env.OC_CONFORMANCE === 'full'
    ? []
    : ['tests/conformance/quota-waits.test.ts', 'tests/conformance/trial.test.ts']

/** Tests of decisions, which hold nothing that another could meet: they share their modules, loaded once a worker. */
const DECISIONS = [
  'autonomy',
  'machines',
  'manifest',
  'policy',
  'supervisor/decide',
  'supervisor/status',
].map((folder) => `tests/${folder}/**/*.test.ts`)
const NO_TESTS = ['**/node_modules/**', 'tests/fixtures/**', ...LONG]

export default defineConfig({
  test: {
    // Where somebody else's work on the machine starved a test of real processes it is tried once more; the report names it.
    retry: process.env.CI === 'true' ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // Much of it waits for processes: three keep two cores busy.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'decisions', include: DECISIONS, exclude: NO_TESTS, isolate: false } },
      {
        extends: true,
        test: { name: 'world', include: ['tests/**/*.test.ts'], exclude: [...NO_TESTS, ...DECISIONS] },
      },
    ],
  },
})
