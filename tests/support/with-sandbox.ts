import { describe } from 'vitest'
import { findSandbox } from '../../src/platform/sandbox/find-sandbox.ts'

const facts = findSandbox()

/** Tests that need a sandbox. Where the host has none they are skipped, aloud; in CI they fail instead. */
export const withSandbox = (() => {
  if (facts.ok) return describe
  if (process.env.CI === 'true') throw new Error(`no sandbox: ${facts.missing}; ${facts.remedy}`)
  process.stderr.write(`skipped: no sandbox: ${facts.missing}; ${facts.remedy}\n`)
  return describe.skip
})()
