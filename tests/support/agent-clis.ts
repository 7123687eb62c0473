import { existsSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'vitest'

/** The agents that the tests run for real, and the name of each one's program. */
export const REAL_AGENTS = ['codex', 'gemini', 'pi'] as const
export type RealAgent = (typeof REAL_AGENTS)[number]

/** Installed by `(cd tests/agent-clis && npm ci --ignore-scripts)`, or elsewhere where OC_SUPERVISE_AGENT_CLIS says. */
const FOLDER = resolve(process.env.OC_SUPERVISE_AGENT_CLIS ?? join(import.meta.dirname, '../agent-clis'))

export const AGENT_CLIS = join(FOLDER, 'node_modules')

/** Where a program is linked; who starts it by its link gets the same as who installed it. */
export const agentCli = (agent: RealAgent): string => join(AGENT_CLIS, '.bin', agent)

const missing = REAL_AGENTS.filter((agent) => !existsSync(agentCli(agent)))

/** The module folder of an official client, for tests that hold us against it. */
export const clientModule = (name: string): string => realpathSync(join(AGENT_CLIS, name))

/**
 * Tests that need the real programs. Without them they are skipped, aloud; in CI they fail instead, so that nothing
 * is taken for shown that was not run.
 */
export const withAgentClis = (() => {
  if (missing.length === 0) return test
  const why = `${missing.join(', ')} not in ${FOLDER}; run: (cd tests/agent-clis && npm ci --ignore-scripts)`
  if (process.env.CI === 'true') throw new Error(`the agent programs are missing: ${why}`)
  process.stderr.write(`skipped: ${why}\n`)
  return test.skip
})()
