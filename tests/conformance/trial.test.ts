import { readdirSync } from 'node:fs'
import { expect } from 'vitest'
import { agentType } from '../../src/agents/agent-types.ts'
import { runTrial } from '../../src/cli/agent/trial/run-trial.ts'
import type { Candidate } from '../../src/cli/agent/trial/trial.ts'
import { findAgentProgram } from '../../src/cli/compose/agent-program.ts'
import { newId } from '../../src/platform/random.ts'
import { agentConfig } from '../agents/agent-fixture.ts'
import { agentCli, REAL_AGENTS, type RealAgent, withAgentClis } from '../support/agent-clis.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const candidateOf = async (name: RealAgent): Promise<Candidate> => {
  const type = agentType(name)
  const agent = agentConfig({ type: name, command: [agentCli(name)] })
  const found = await findAgentProgram(agent, type)
  if (!found.ok) throw new Error(found.missing)
  return { agent, type, program: [found.program.path] }
}

const tryIt = async (candidate: Candidate) => {
  const registrationsDir = makeTempDir('trial')
  const trial = await runTrial(candidate, { owner: newId('inc'), registrationsDir })
  expect(readdirSync(registrationsDir)).toEqual([])
  return trial
}

withAgentClis.for(REAL_AGENTS)(
  '%s passes its trial without a word: an edit, its usage, its session, a refusal and its end',
  { timeout: 240_000 },
  async (name) =>
    expect(await tryIt(await candidateOf(name))).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      failed: null,
      notes: [],
      resumes: true,
    }),
)

/** The same programs, read by a description that is wrong: the trial is what finds it out. */
withAgentClis(
  'a real program whose usage is read wrongly, or whose sessions are not asked for, is found out',
  {
    timeout: 240_000,
  },
  async () => {
    const candidate = await candidateOf('codex')
    const { type } = candidate
    const { usageOfSession: _, ...perRun } = type.capabilities
    const counting = await tryIt({ ...candidate, type: { ...type, capabilities: perRun } })
    expect(counting).toMatchObject({ failed: null, resumes: false })
    expect(counting.notes[0]).toContain('sessions are not gone on with: its usage is wrong')

    const forgetful: typeof type = {
      ...type,
      compose: (config, request) => type.compose(config, { ...request, resume: null }),
    }
    expect(await tryIt({ ...candidate, type: forgetful })).toMatchObject({
      failed: null,
      notes: ['sessions are not gone on with: its model was not told what was said before'],
    })

    const doubling: typeof type = {
      ...type,
      judge: (...args) => {
        const judged = type.judge(...args)
        const { usage } = judged
        return { ...judged, usage: usage && { ...usage, inputTokens: 2 * usage.inputTokens } }
      },
    }
    expect((await tryIt({ ...candidate, type: doubling })).failed).toContain(
      'its usage is wrong: it tells 4800',
    )
  },
)
