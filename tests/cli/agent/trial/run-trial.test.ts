import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AgentType } from '../../../../src/agents/agent-type.ts'
import { agentType } from '../../../../src/agents/agent-types.ts'
import { runTrial } from '../../../../src/cli/agent/trial/run-trial.ts'
import { newId } from '../../../../src/platform/random.ts'
import { agentConfig } from '../../../agents/agent-fixture.ts'
import { makeTempDir } from '../../../support/temp-dir.ts'

const base = agentType('command')
/** A made-up type: its program finds its model at $BASE, says how it ended in one word, and judges by that. */
const type: AgentType = {
  ...base,
  type: 'made-up',
  program: 'tool',
  keys: { required: [], optional: ['base_url'] },
  capabilities: { resume: false, terminalEvent: true, usage: 'none' },
  login: { file: '.made-up', variables: ['MADE_UP_KEY'] },
  compose: (config, request) => ({
    argv: [...request.program, 'work'],
    stdinFile: request.promptFile,
    env: { BASE: config.baseUrl ?? '' },
    homeFiles: { '.made-up/config': 'quiet' },
  }),
  judge: (streams, exit, nowMs) => ({
    ...base.judge(streams, exit, nowMs),
    success: exit?.exitCode === 0,
    failure: exit?.exitCode === 4 ? { class: 'auth', reason: 'refused', excerpt: null } : null,
  }),
}

let root: string
beforeEach(() => {
  root = makeTempDir('trial')
})

/** A program of Node; `body` runs after `--version` was answered. */
const program = (body: string, version = "console.log('tool 1.2.3-rc.1')"): string => {
  const file = join(root, 'tool.mjs')
  writeFileSync(
    file,
    `#!${process.execPath}\nif (process.argv[2] === '--version') { ${version} } else { ${body} }\n`,
  )
  chmodSync(file, 0o755)
  return file
}
const tryIt = (file: string, of: AgentType = type) =>
  runTrial(
    { agent: agentConfig({ command: [] }), type: of, program: [file] },
    { owner: newId('inc'), registrationsDir: root },
  )

/** What is said of a type that names no format. */
const UNTRIED = 'no conversation was tried: it is not known how it asks its model'
const ASK = 'const answer = await fetch(process.env.BASE)'

describe('runTrial', () => {
  test('a program that ends when it is refused, and can be ended, passes', async () => {
    const file = program(`${ASK}; process.exit(answer.status === 401 ? 4 : 0)`)
    expect(await tryIt(file)).toEqual({
      version: '1.2.3-rc.1',
      failed: null,
      notes: [UNTRIED],
      resumes: true,
    })
  })

  test('it has a HOME of its own with its configuration, a key that opens nothing, and nothing of ours', async () => {
    const file = program(`
      const { readFileSync } = await import('node:fs')
      const config = readFileSync(process.env.HOME + '/.made-up/config', 'utf8')
      const clean = config === 'quiet' && process.env.MADE_UP_KEY === 'oc-supervise-trial' && !('VITEST' in process.env)
      ${ASK}; process.exit(clean ? 4 : 5)`)
    expect(await tryIt(file)).toMatchObject({ failed: null, notes: [UNTRIED] })
  })

  test('one that calls its refusal a success fails', async () =>
    expect(await tryIt(program(`${ASK}; process.exit(0)`))).toMatchObject({
      version: '1.2.3-rc.1',
      failed: 'it called a run a success whose model refused every request',
    }))

  test('one that floods us fails (regression: ended for that, it counted as one that had ended)', async () => {
    const flood = "for (;;) { console.log('x'.repeat(100_000)); await new Promise(setImmediate) }"
    expect((await tryIt(program(`${ASK}; ${flood}`))).failed).toMatch(/^it wrote more than 4 MiB: x+$/)
  })

  test('one whose output its type cannot read fails, and breaks nothing', async () => {
    const judge = (): never => {
      throw new TypeError('not a function')
    }
    expect(await tryIt(program(`${ASK}; process.exit(4)`), { ...type, judge })).toMatchObject({
      failed: null,
      notes: [UNTRIED, 'a refused key looks like tool_failure'],
    })
  })

  test('one whose refusal looks like something else passes, with a note', async () =>
    expect(await tryIt(program(`${ASK}; process.exit(7)`))).toMatchObject({
      failed: null,
      notes: [UNTRIED, 'a refused key looks like no failure at all'],
    }))

  test('one that ends before it asks its model fails, with its last words', async () =>
    expect(await tryIt(program("console.error('unknown option: work'); process.exit(3)"))).toMatchObject({
      failed: 'it ended with 3 before it asked its model: unknown option: work',
    }))

  test('one that does not tell its version fails', async () =>
    expect(await tryIt(program('', 'process.exit(9)'))).toMatchObject({
      version: null,
      failed: expect.stringContaining('--version ended with 9'),
    }))

  test('what it leaves when it is ended in the middle of a request is ended too', async () => {
    const file = program(`
      const { spawn } = await import('node:child_process')
      spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
      process.on('SIGTERM', () => {})
      ${ASK}; process.exit(4)`)
    expect(await tryIt(file)).toMatchObject({ failed: null })
    expect(readdirSync(root)).toEqual(['tool.mjs'])
  }, 20_000)

  test('a type whose model cannot be put elsewhere is only started', async () => {
    const plain = { ...type, keys: { required: [], optional: [] } }
    expect(await tryIt(program('process.exit(1)'), plain)).toEqual({
      version: '1.2.3-rc.1',
      failed: null,
      notes: ['only its start was tried'],
      resumes: true,
    })
  })
})
