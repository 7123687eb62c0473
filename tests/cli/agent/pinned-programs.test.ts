import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AgentType } from '../../../src/agents/agent-type.ts'
import { agentType } from '../../../src/agents/agent-types.ts'
import { programHindrance, readAgentRecord, writeAgentRecord } from '../../../src/cli/agent/agent-record.ts'
import { programAttention } from '../../../src/cli/agent/program-attention.ts'
import type { runTrial } from '../../../src/cli/agent/trial/run-trial.ts'
import type { Trial } from '../../../src/cli/agent/trial/trial.ts'
import { pinnedPrograms } from '../../../src/cli/compose/pinned-programs.ts'
import { checkPrograms } from '../../../src/cli/doctor/check-programs.ts'
import { programRefusals } from '../../../src/cli/lane/program-refusals.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { newId } from '../../../src/platform/random.ts'
import { stateLayout } from '../../../src/platform/state-layout.ts'
import { agentConfig } from '../../agents/agent-fixture.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { until } from '../../support/until.ts'

const type: AgentType = { ...agentType('command'), type: 'made-up', program: 'tool' }

let root: string
let trials: string[]
let next: Trial
beforeEach(() => {
  root = makeTempDir('pinned')
  trials = []
  next = { version: '1.0.0', failed: null, notes: [], resumes: true }
})

const layout = () => stateLayout(join(root, 'state'))
const install = (path: string, text: string): string => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), `#!/bin/sh\n# ${text}\n`)
  chmodSync(join(root, path), 0o755)
  return join(root, path)
}
const trial: typeof runTrial = async ({ program }) => {
  trials.push(program.join(' '))
  return next
}
const profile = (...command: string[]) => agentConfig({ key: 'coder', type: 'made-up', command })
const programs = () =>
  pinnedPrograms({ layout: layout(), owner: { owner: newId('inc'), registrationsDir: root }, trial })
const ask = (agent: ReturnType<typeof profile>) => programs()(agent, type)
const triedAgo = (minutes: number): void => {
  const file = layout().agentRecord('coder')
  const { failed, ...record } = readAgentRecord(file)
  const triedAtMs = systemClock.wallMs() - minutes * 60_000
  writeAgentRecord(file, { ...record, failed: failed && { ...failed, triedAtMs } })
}
const trialsAfter = async (path: string, minutes: number): Promise<number> => {
  triedAgo(minutes)
  await ask(profile(path))
  return trials.length
}
const failing = (): void => {
  next = { version: '2.0.0', failed: 'it hung', notes: [], resumes: true }
}

describe('pinnedPrograms', () => {
  test('a program is tried once, then pinned with its version and the profile’s arguments', async () => {
    const path = install('bin/tool', 'one')
    const wanted = { ok: true, program: [path, '--fast'], version: '1.0.0', resumes: true }
    expect(await ask(profile(path, '--fast'))).toEqual(wanted)
    expect(await ask(profile(path, '--fast'))).toEqual(wanted)
    expect(trials).toEqual([`${path} --fast`])
  })

  test('that its sessions cannot be gone on with is pinned with it', async () => {
    next = {
      version: '1.0.0',
      failed: null,
      notes: ['sessions are not gone on with: it names none'],
      resumes: false,
    }
    const path = install('bin/tool', 'one')
    for (const _ of ['tried', 'known']) expect(await ask(profile(path))).toMatchObject({ resumes: false })
    expect(readAgentRecord(layout().agentRecord('coder')).good).toMatchObject({ resumes: false })
  })

  test('another file is tried again', async () => {
    const path = install('bin/tool', 'one')
    await ask(profile(path))
    install('bin/tool', 'another one')
    next = { version: '2.0.0', failed: null, notes: [], resumes: true }
    expect(await ask(profile(path))).toMatchObject({ version: '2.0.0' })
    expect(trials).toHaveLength(2)
  })

  test('a newer one that fails is passed over: the last good one runs, and is named', async () => {
    const good = install('1/tool', 'one')
    await ask(profile(good))
    failing()
    const bad = install('2/tool', 'two')
    expect(await ask(profile(bad))).toMatchObject({ ok: true, program: [good], version: '1.0.0' })
    expect(await ask(profile(bad))).toMatchObject({ program: [good] })
    expect(trials).toHaveLength(2)
    const record = readAgentRecord(layout().agentRecord('coder'))
    expect(programHindrance(record)).toBeNull()
    expect(programAttention({ coder: profile(bad) }, layout())).toEqual([
      {
        kind: 'agent',
        subject: 'coder',
        reason: `${bad} 2.0.0 failed its trial: it hung; ${good} 1.0.0 is run in its place`,
        action: 'oc-supervise agent check coder --trial',
      },
    ])
  })

  test('without a good one there is no program, and claims are refused until its file changes', async () => {
    failing()
    const path = install('bin/tool', 'one')
    const answer = await ask(profile(path))
    expect(answer).toMatchObject({ ok: false, reason: expect.stringContaining('failed its trial: it hung') })
    expect(await ask(profile(path))).toEqual(answer)
    expect(trials).toHaveLength(1)
    expect(programHindrance(readAgentRecord(layout().agentRecord('coder')))).toContain('it hung')
    next = { version: '2.0.1', failed: null, notes: [], resumes: true }
    install('bin/tool', 'mended')
    expect(programHindrance(readAgentRecord(layout().agentRecord('coder')))).toBeNull()
    expect(await ask(profile(path))).toMatchObject({ ok: true, version: '2.0.1' })
  })

  test('a trial that failed is made again after ten minutes, then after twice as long (regression: a full disk condemned the file)', async () => {
    const path = install('bin/tool', 'one')
    failing()
    await ask(profile(path))
    expect(await trialsAfter(path, 9)).toBe(1)
    expect(await trialsAfter(path, 11)).toBe(2)
    expect(await trialsAfter(path, 19)).toBe(2)
    next = { ...next, failed: null }
    expect(await trialsAfter(path, 21)).toBe(3)
    expect(await ask(profile(path))).toMatchObject({ ok: true, version: '2.0.0' })
  })

  test('while work waits, the lane makes it, and claims nothing until it has passed', async () => {
    const path = install('bin/tool', 'one')
    const agent = agentConfig({ key: 'coder', type: 'claude', command: [path] })
    const programOf = programs()
    const refusals = () =>
      programRefusals({ child: { layout: layout() }, clock: systemClock, programOf } as never, agent, ['api'])
    failing()
    await programOf(agent, type)
    expect((await refusals()).get('api')?.reason).toContain('it hung')
    expect(trials).toHaveLength(1)
    next = { ...next, failed: null }
    triedAgo(11)
    expect((await refusals()).get('api')?.reason).toContain('it hung')
    await until(async () => (await refusals()).size === 0)
    expect(trials).toHaveLength(2)
  })

  test('one that is gone runs on only while its pinned file is there', async () => {
    const path = install('bin/tool', 'one')
    await ask(profile(path))
    const gone = join(root, 'bin/none')
    expect(await ask(profile(gone))).toMatchObject({ ok: true, program: [path] })
    rmSync(path)
    expect(await ask(profile(gone))).toMatchObject({ ok: false, reason: expect.stringContaining(gone) })
  })

  test('two attempts at once try it once', async () => {
    const path = install('bin/tool', 'one')
    const programs = pinnedPrograms({
      layout: layout(),
      owner: { owner: newId('inc'), registrationsDir: root },
      trial,
    })
    await Promise.all([programs(profile(path), type), programs(profile(path), type)])
    expect(trials).toHaveLength(1)
  })
})

describe('checkPrograms', () => {
  test('types that bring no program of their own are left out', () =>
    expect(checkPrograms({ coder: agentConfig({ type: 'command' }) }, layout())).toEqual([]))
})
