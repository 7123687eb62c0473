import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { StopReason } from '../../src/contracts/agent-run.ts'
import { REAL_AGENTS } from '../support/agent-clis.ts'
import { USAGE } from '../support/model-server/answer.ts'
import { type ModelServer, startModelServer } from '../support/model-server/model-server.ts'
import { MATRIX } from './failure-matrix.ts'
import { isFull, realRun } from './how-much.ts'
import { type RealRun, runRealAgent, SANDBOX } from './run-real-agent.ts'

let server: ModelServer
beforeAll(async () => {
  server = await startModelServer()
})
afterAll(() => server.close())

/** From the keeper's ceiling to its record: the grace it gives, and what a busy machine takes to start things. */
const SLACK_MS = 20_000
const CEILING_MS = 50_000

const rows = MATRIX.filter(({ quick }) => isFull || quick === true)

for (const agent of REAL_AGENTS) {
  describe(agent, () => {
    realRun.for(rows)('$scenario', { timeout: CEILING_MS + 2 * SLACK_MS }, async (row) => {
      const run = await runRealAgent(server, agent, row.scenario, row.ceilings ?? {}, row.reservedUsd)
      const { outcome } = run
      const expected = row.expect[agent]
      expect(
        { ending: outcome.ending, class: outcome.failure?.class ?? null, stopReason: outcome.stopReason },
        `${outcome.failure?.reason}\n${run.said}`,
      ).toEqual(expected)
      expect(run.left).toEqual([])
      expect(outcome.containment.sandbox === 'off').toBe(SANDBOX === 'off')
      expect(run.tookMs).toBeLessThan(CEILING_MS + SLACK_MS)
      expectHonestRequests(run)
      expectHonestUsage(run, row.untold !== agent)
      if (COUNTED.includes(expected.stopReason)) expect(run.requests.length).toBe(3)
      expectRetryInstant(run, row.retryInS?.[agent] ?? null)
      if (expected.ending === 'completed')
        expect(readFileSync(join(run.workspace, 'hello.txt'), 'utf8')).toBe('hello from the model\n')
    })
  })
}

/** The model was really asked, with the key it was given. */
const expectHonestRequests = ({ requests }: RealRun): void => {
  expect(requests.length).toBeGreaterThan(0)
  expect(requests.filter(({ authenticated, answer }) => !authenticated || answer === 'bad_request')).toEqual(
    [],
  )
}

/** Stopped for what they used up, they have used up what was told until then. */
const COUNTED: readonly (StopReason | null)[] = ['tokens', 'budget']

/** Who ends well tells every token; who is stopped or fails may not have told all, but never tells more. */
const expectHonestUsage = ({ outcome, requests }: RealRun, tellsAll: boolean): void => {
  const answers = requests.filter(({ answer }) => answer === 'say' || answer === 'call').length
  const most = { inputTokens: answers * USAGE.input, outputTokens: answers * USAGE.output }
  if ((outcome.ending === 'completed' && tellsAll) || COUNTED.includes(outcome.stopReason)) {
    expect(outcome.usage).toMatchObject({ ...most, cachedInputTokens: answers * USAGE.cachedInput })
    return
  }
  expect(outcome.usage?.inputTokens ?? 0).toBeLessThanOrEqual(most.inputTokens)
  expect(outcome.usage?.outputTokens ?? 0).toBeLessThanOrEqual(most.outputTokens)
}

const expectRetryInstant = ({ outcome }: RealRun, retryInS: number | null): void => {
  if (retryInS === null) return
  const inMs = (outcome.retryAtMs ?? 0) - outcome.endedAtMs
  // Some programs tell only the minute.
  expect(Math.abs(inMs - retryInS * 1000)).toBeLessThanOrEqual(61_000)
}
