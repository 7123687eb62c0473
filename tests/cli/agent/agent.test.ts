import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { agentTypes } from '../../../src/agents/agent-types.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { oc, ocJson } from '../support/run-cli.ts'

let dir: string
let tool: string
beforeEach(() => {
  dir = makeTempDir('agent-cli')
  tool = join(dir, 'tool')
  writeFileSync(tool, '#!/bin/sh\necho tool 4.5.6\n')
  chmodSync(tool, 0o755)
  mkdirSync(join(dir, 'repo'))
})

/** Agents as flow maps of YAML. */
const manifest = (agents: Record<string, string>): string => {
  const file = join(dir, 'oc.yaml')
  writeFileSync(
    file,
    `version: 1
name: agents
state_dir: state
sandbox: off
repos:
  api: {url: ./repo, default_branch: main, checks: ["true"]}
board: {type: local}
agents:
${Object.entries(agents)
  .map(([key, agent]) => `  ${key}: ${agent}`)
  .join('\n')}
lanes:
  goal: {agent: ${Object.keys(agents)[0]}}
gates: {signing: optional}
`,
  )
  return file
}
const good = () => `{type: command, command: [${tool}]}`
const missing = () => `{type: command, command: [${tool}-2]}`

/** Any type that has a program of its own; they come and go. */
const own = agentTypes().find(({ program, keys }) => program !== null && keys.optional.includes('command'))

describe('agent list', () => {
  test('names every profile, and every type there is', async () => {
    const told = await ocJson('agent', 'list', '--manifest', manifest({ coder: good() }))
    expect(told.agents).toMatchObject([
      {
        agent: 'coder',
        type: 'command',
        program: tool,
        sandbox: 'off',
        ready: true,
        login: { from: 'none' },
      },
    ])
    expect(told.types.map(({ type }: { type: string }) => type)).toEqual(agentTypes().map(({ type }) => type))
  })

  test('a manifest that is named has to be there', async () =>
    expect(await oc('agent', 'list', '--manifest', join(dir, 'none.yaml'))).toMatchObject({ code: 2 }))
})

describe('agent check', () => {
  test('an agent that no cap on money holds for is told of, and is ready all the same', async () => {
    const file = manifest({ coder: good() })
    writeFileSync(file, `${readFileSync(file, 'utf8')}budget: {per_day: {usd: 5}}\n`)
    const told = await ocJson('agent', 'check', '--manifest', file)
    expect(told.agents).toMatchObject([
      { ready: true, notes: [expect.stringMatching(/budget\.per_day\.usd do not hold for it/)] },
    ])
    expect((await oc('agent', 'check', '--manifest', file)).stdout).toContain('only caps on runs')
  })

  test('exit 1 says what is missing and what to do', async () => {
    const file = manifest({ coder: good(), other: missing() })
    const ran = await oc('agent', 'check', '--manifest', file)
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain('coder: ready')
    expect(ran.stdout).toContain('other: not ready')
    expect(ran.stdout).toContain('agents.other.command')
    expect(await oc('agent', 'check', 'coder', '--manifest', file)).toMatchObject({ code: 0 })
  })

  test('it is what `agent` and its alias do by themselves', async () => {
    const file = manifest({ coder: good() })
    for (const words of [['agent'], ['providers-status']])
      expect((await ocJson(...words, '--manifest', file)).agents).toMatchObject([{ agent: 'coder' }])
  })

  test('a name that is no profile is refused with those there are', async () => {
    const ran = await oc('agent', 'check', 'nobody', '--manifest', manifest({ coder: good() }))
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('the manifest has coder') })
  })

  test.skipIf(own === undefined)(
    'a program of a type’s own is asked for its version, and tried only when told to',
    async () => {
      const file = manifest({ coder: `{type: ${own?.type}, command: [${tool}], auth: {env: NO_SUCH_KEY}}` })
      const record = join(dir, 'state/agents/agents/coder.json')
      const [checked] = (await ocJson('agent', 'check', '--manifest', file)).agents
      expect(checked).toMatchObject({ program: tool, version: '4.5.6', tried: false, ready: false })
      expect(checked.problems[0]).toMatchObject({ says: '$NO_SUCH_KEY is not set here' })
      expect(existsSync(record)).toBe(false)
      const [tried] = (await ocJson('agent', 'check', '--trial', '--manifest', file)).agents
      expect(tried.problems[0].says).toContain('failed its trial: it ended with 0 before it asked its model')
      expect(existsSync(record)).toBe(true)
    },
  )
})
