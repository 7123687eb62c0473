import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { AgentType } from '../../../../src/agents/agent-type.ts'
import { runTrial } from '../../../../src/cli/agent/trial/run-trial.ts'
import { newId } from '../../../../src/platform/random.ts'
import { agentConfig } from '../../../agents/agent-fixture.ts'
import { makeTempDir } from '../../../support/temp-dir.ts'
import { type Lie, LYING_TYPE, writeLyingProgram } from './lying-program.ts'

/** Whoever is waited for in vain costs as much. */
const LIMITS = { endsMs: 60_000, asksMs: 60_000, graceMs: 5_000 }
const IMPATIENT = { ...LIMITS, endsMs: 6_000 }

const tryLiar = async (lie: Lie, type: AgentType = LYING_TYPE, limits = LIMITS) => {
  const registrationsDir = makeTempDir('liar')
  const program = [writeLyingProgram(makeTempDir('liar-program'))]
  const agent = agentConfig({ command: [], env: { LIE: lie } })
  const trial = await runTrial({ agent, type, program }, { owner: newId('inc'), registrationsDir }, limits)
  expect(readdirSync(registrationsDir)).toEqual([])
  return trial
}

const TWO = '2400 tokens in (400 of them cached) and 68 out'
const FOUR = '4800 tokens in (800 of them cached) and 136 out'

test('one that does it all passes: its title is asked for aside, and counted nowhere', async () =>
  expect(await tryLiar('none')).toEqual({ version: '1.2.3', failed: null, notes: [], resumes: true }))

describe('what keeps a version from being run', () => {
  test.each<[Lie, string]>([
    ['usage doubled', `its usage is wrong: it tells ${FOUR} where its model counted ${TWO}`],
    [
      'usage doubled while it runs',
      `its usage is wrong while it runs: its stream tells ${FOUR} where its model counted ${TWO}`,
    ],
    ['no usage', 'it tells no usage'],
    ['edit refused', 'its model asked it to write a file, and it wrote none'],
    [
      'no success',
      'its model answered, and it did not end as a success: exit 0: {"type":"done","ok":false,"usage":{"input":2400,"cached":400,"output":68},"session":"session-1"}',
    ],
    ['exit 3', 'it said that all went well, and ended with 3: {"type":"done"'],
    ['another format', 'it never asked its model in a format that is known of its type'],
    ['no tools', 'it never asked its model in a format that is known of its type and with its tools'],
  ])('%s', async (lie, says) => {
    const { failed } = await tryLiar(lie)
    expect(failed).toContain(says)
  })

  test('whoever asks for trust and waits is not waited for', async () =>
    expect(await tryLiar('trust asked', LYING_TYPE, IMPATIENT)).toMatchObject({
      failed:
        'it asked its model nothing within 6 s; it may wait for somebody to trust its folder, or to log in: Do you trust the files in this folder? [y/N]',
    }))

  test('so is one that does not end after it was answered', async () =>
    expect(await tryLiar('never done', LYING_TYPE, IMPATIENT)).toMatchObject({
      failed: 'answered by its model, it did not end within 6 s',
    }))
})

describe('what keeps its sessions from being gone on with', () => {
  test.each<[Lie, string]>([
    ['no session', 'it names none'],
    ['resume ignored', 'its model was not told what was said before'],
    ['resume refused', 'it ended with 2 before it asked its model: no such session'],
    [
      'usage of the whole session',
      'its usage is wrong: it tells 5800 tokens in (2200 of them cached) and 110 out where its model counted 3400 tokens in (1800 of them cached) and 42 out',
    ],
  ])('%s', async (lie, says) =>
    expect(await tryLiar(lie)).toEqual({
      version: '1.2.3',
      failed: null,
      notes: [`sessions are not gone on with: ${says}`],
      resumes: false,
    }),
  )

  test('a type that counts a session as a whole is held to that', async () => {
    const capabilities = { ...LYING_TYPE.capabilities, usageOfSession: true as const }
    const counting = { ...LYING_TYPE, capabilities }
    expect(await tryLiar('usage of the whole session', counting)).toMatchObject({ notes: [], resumes: true })
    expect(await tryLiar('none', counting)).toMatchObject({ failed: null, resumes: false })
  })
})

describe('what is not tried is said', () => {
  test('an edit, where its tools are not known', async () =>
    expect(await tryLiar('unknown tools')).toMatchObject({
      failed: null,
      notes: ['no edit was tried: its tools are not known'],
    }))

  test('a conversation, where the type names no format', async () =>
    expect(await tryLiar('usage doubled', { ...LYING_TYPE, wires: [] })).toMatchObject({
      failed: null,
      notes: ['no conversation was tried: it is not known how it asks its model'],
      resumes: true,
    }))

  test('types that tell no usage, or resume nothing, are not held to it', async () => {
    const capabilities = { resume: false, terminalEvent: true, usage: 'none' as const }
    expect(await tryLiar('no usage', { ...LYING_TYPE, capabilities })).toMatchObject({
      failed: null,
      notes: [],
    })
  })
})
