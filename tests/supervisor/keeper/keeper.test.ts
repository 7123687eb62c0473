import { existsSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { findMarked } from '../../../src/platform/end-process.ts'
import { identityOf } from '../../../src/platform/process-identity.ts'
import { newId } from '../../../src/platform/random.ts'
import { awaitKeeper } from '../../../supervisor/keeper/await-keeper.ts'
import { inspectKeeper } from '../../../supervisor/keeper/inspect-keeper.ts'
import { keeperFiles } from '../../../supervisor/keeper/keeper-files.ts'
import { ownKeeper } from '../../../supervisor/keeper/own-keeper.ts'
import { startKeeper } from '../../../supervisor/keeper/start-keeper.ts'
import { stopKeeper } from '../../../supervisor/keeper/stop-keeper.ts'
import { until } from '../../support/until.ts'
import { clock, keeperPid, levels, makeSpec, owner, readText, runToEnd, start } from './keeper-fixture.ts'

describe.each(levels)('at containment level %s', (level) => {
  test('an agent that ends by itself leaves its exit code, its output and nothing else', async () => {
    const made = makeSpec('echo out; echo err >&2; exit 7', { level })
    const { dir, exit } = await runToEnd(made)
    expect(exit).toMatchObject({ attempt: made.spec.attempt, exitCode: 7, signal: null, stopReason: null })
    expect(exit).toMatchObject({ stdoutBytes: 4, stderrBytes: 4, startError: null })
    expect(readText(keeperFiles(dir).stdout)).toBe('out\n')
    expect(readText(keeperFiles(dir).stderr)).toBe('err\n')
    expect(readText(keeperFiles(dir).log)).toBe('')
    expect(statSync(keeperFiles(dir).spec).mode & 0o077).toBe(0)
  })

  test('a tool in a session of its own does not outlive the agent', async () => {
    const made = makeSpec('setsid sh -c "echo up; exec sleep 300" & while [ ! -s $OUT ]; do :; done', {
      level,
    })
    const dir = made.layout.keeperDir(made.spec.attempt)
    made.spec.agent.env.OUT = keeperFiles(dir).stdout
    const { exit } = await runToEnd(made)
    expect(exit.exitCode).toBe(0)
    expect(findMarked(made.spec.mark)).toEqual([])
  })

  test('asked to stop, it lets the agent end in its grace', async () => {
    const made = makeSpec('trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.05; done', { level })
    const { dir } = await start(made)
    await until(() => readText(keeperFiles(dir).stdout).includes('ready'))
    const ending = await stopKeeper(dir, { clock })
    expect(ending).toMatchObject({ ending: 'exited', exit: { exitCode: 3, stopReason: 'requested' } })
    expect(readText(keeperFiles(dir).stdout)).toBe('ready\nbye\n')
  })

  test('an agent that ignores TERM is killed after its grace, its stray tools too', async () => {
    const script =
      'trap "" TERM; setsid sh -c "trap \\"\\" TERM; sleep 300" & echo ready; sleep 300; sleep 300'
    const made = makeSpec(script, { level, limits: { stopGraceMs: 200 } })
    const { dir } = await start(made)
    await until(() => readText(keeperFiles(dir).stdout).includes('ready'))
    const ending = await stopKeeper(dir, { clock })
    expect(ending).toMatchObject({ ending: 'exited', exit: { stopReason: 'requested' } })
    expect(findMarked(made.spec.mark)).toEqual([])
  })

  test('a killed keeper is found out, and its agent ended', async () => {
    const made = makeSpec('setsid sleep 300 & echo ready; sleep 300', { level })
    const { dir } = await start(made)
    await until(() => readText(keeperFiles(dir).stdout).includes('ready'))
    process.kill(keeperPid(dir), 'SIGKILL')
    await until(() => inspectKeeper(dir).state === 'lost')
    expect(findMarked(made.spec.mark)).not.toEqual([])
    expect(await awaitKeeper(dir, { clock })).toMatchObject({ ending: 'keeper_lost', agent: 'gone' })
    expect(findMarked(made.spec.mark)).toEqual([])
  })

  test('an agent killed from outside is told apart from one that failed', async () => {
    const made = makeSpec('echo $$; exec sleep 300', { level })
    const { dir } = await start(made)
    await until(() => readText(keeperFiles(dir).stdout).endsWith('\n'))
    const pids = findMarked(made.spec.mark)
    process.kill(Math.max(...pids), 'SIGKILL')
    const ending = await awaitKeeper(dir, { clock })
    const seen =
      level === 'namespace' ? { exitCode: 137, signal: null } : { exitCode: null, signal: 'SIGKILL' }
    expect(ending).toMatchObject({ ending: 'exited', exit: { ...seen, stopReason: null } })
  })

  test('memory over the ceiling stops it', async () => {
    const script = 'exec node -e "const b=[];setInterval(()=>b.push(Buffer.alloc(20e6,1)),20)"'
    const { exit } = await runToEnd(makeSpec(script, { level, limits: { memoryBytes: 200_000_000 } }))
    expect(exit.stopReason).toBe('memory')
  })
})

test('where the disk is full the keeper waits for room, so that the run is not lost', async () => {
  const made = makeSpec('echo ready; while [ ! -e go ]; do sleep 0.05; done; exit 7', { level: 'swept' })
  const { dir } = await start(made)
  await until(() => readText(keeperFiles(dir).stdout).includes('ready'))
  const pid = keeperPid(dir)
  const draft = `${keeperFiles(dir).exit}.${pid}.tmp`
  // The device of a disk without room.
  symlinkSync('/dev/full', draft)
  writeFileSync(join(made.spec.agent.cwd, 'go'), '')
  await until(() => findMarked(made.spec.mark).length === 0)
  expect([existsSync(keeperFiles(dir).exit), identityOf(pid)?.pid]).toEqual([false, pid])
  rmSync(draft)
  expect(await awaitKeeper(dir, { clock })).toMatchObject({ ending: 'exited', exit: { exitCode: 7 } })
})

describe('owners', () => {
  const gone = { ...owner, identity: { ...owner.identity, startTicks: owner.identity.startTicks + 1 } }

  test('without an owner it stops its agent after the orphan timeout', async () => {
    const made = makeSpec('sleep 300', { limits: { orphanTimeoutMs: 300 } })
    const { dir } = await start(made, { owner: gone })
    expect(await awaitKeeper(dir, { clock })).toMatchObject({ exit: { stopReason: 'orphaned' } })
  })

  test('a new owner in time keeps it going', async () => {
    const made = makeSpec('while [ ! -e done ]; do sleep 0.02; done', { limits: { orphanTimeoutMs: 1500 } })
    const { dir } = await start(made, { owner: gone })
    ownKeeper(dir, { ...owner, incarnation: newId('inc') }, clock)
    const quietUntil = clock.monoMs() + 1600
    await until(() => clock.monoMs() > quietUntil)
    expect(inspectKeeper(dir).state).toBe('running')
    writeFileSync(join(made.spec.agent.cwd, 'done'), '')
    expect(await awaitKeeper(dir, { clock })).toMatchObject({ exit: { exitCode: 0, stopReason: null } })
  })

  test('TERM to the keeper is a request to stop; HUP is not', async () => {
    const { dir } = await start(makeSpec('sleep 300'))
    const pid = keeperPid(dir)
    process.kill(pid, 'SIGHUP')
    process.kill(pid, 'SIGTERM')
    expect(await awaitKeeper(dir, { clock })).toMatchObject({ exit: { stopReason: 'requested' } })
  })

  test('a keeper that does not answer is ended, and its agent after it', async () => {
    const made = makeSpec('sleep 300', { limits: { stopGraceMs: 100 } })
    const { dir } = await start(made)
    process.kill(keeperPid(dir), 'SIGSTOP')
    const ending = await stopKeeper(dir, { clock, marginMs: 300 })
    expect(ending).toMatchObject({ ending: 'keeper_lost', agent: 'gone' })
    expect(findMarked(made.spec.mark)).toEqual([])
  })

  test('the one who waits may stop waiting; the agent goes on', async () => {
    const { dir } = await start(makeSpec('sleep 300'))
    const patience = new AbortController()
    const waiting = awaitKeeper(dir, { clock, signal: patience.signal })
    patience.abort()
    expect(await waiting).toEqual({ ending: 'aborted' })
    expect(inspectKeeper(dir).state).toBe('running')
  })
})

describe('one attempt, one agent', () => {
  test('starting again adopts the keeper that runs, and the record of one that ended', async () => {
    const made = makeSpec('echo run >> runs; while [ ! -e done ]; do sleep 0.02; done')
    const first = await start(made)
    const second = await start(made, { owner: { ...owner, incarnation: newId('inc') } })
    expect([first.adopted, second.adopted]).toEqual([false, true])
    writeFileSync(join(made.spec.agent.cwd, 'done'), '')
    await awaitKeeper(first.dir, { clock })
    expect((await start(made)).adopted).toBe(true)
    expect(readText(join(made.spec.agent.cwd, 'runs'))).toBe('run\n')
  })

  test('several owners that start it at the same moment get one agent', async () => {
    const made = makeSpec('echo run >> runs; sleep 300')
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => startKeeper({ ...made, owner, secrets: {}, clock })),
    )
    const dir = made.layout.keeperDir(made.spec.attempt)
    await until(() => existsSync(join(made.spec.agent.cwd, 'runs')))
    expect(outcomes.every((outcome) => outcome.ok)).toBe(true)
    await stopKeeper(dir, { clock })
    expect(readText(join(made.spec.agent.cwd, 'runs'))).toBe('run\n')
  })

  test('a lost attempt is not run again', async () => {
    const made = makeSpec('echo run >> runs; sleep 300')
    const { dir } = await start(made)
    await until(() => existsSync(join(made.spec.agent.cwd, 'runs')))
    process.kill(keeperPid(dir), 'SIGKILL')
    await until(() => inspectKeeper(dir).state === 'lost')
    expect(await start(made)).toMatchObject({ adopted: true })
    expect(await awaitKeeper(dir, { clock })).toMatchObject({ ending: 'keeper_lost', agent: 'gone' })
    expect(readText(join(made.spec.agent.cwd, 'runs'))).toBe('run\n')
  })

  test('nothing was started: absent', () => {
    const { layout, spec } = makeSpec('true')
    expect(inspectKeeper(layout.keeperDir(spec.attempt))).toEqual({ state: 'absent' })
  })
})

describe('a keeper killed at', () => {
  afterEach(() => {
    delete process.env.OC_SUPERVISE_FAILPOINT
  })

  test.each([
    ['keeper.claimed', 'keeper_lost'],
    ['keeper.agent_started', 'keeper_lost'],
    ['keeper.agent_ended', 'keeper_lost'],
    ['keeper.exit_written', 'exited'],
  ])('%s: %s, with nothing left and at most one run', async (point, ending) => {
    process.env.OC_SUPERVISE_FAILPOINT = `${point}=kill`
    const made = makeSpec('echo run >> runs; setsid sleep 300 & exit 0')
    const { dir } = await start(made)
    expect(await awaitKeeper(dir, { clock })).toMatchObject({ ending })
    expect(findMarked(made.spec.mark)).toEqual([])
    delete process.env.OC_SUPERVISE_FAILPOINT
    expect((await start(made)).adopted).toBe(true)
    const runs = join(made.spec.agent.cwd, 'runs')
    expect(existsSync(runs) ? readText(runs) : 'run\n').toBe('run\n')
  })
})

describe('start', () => {
  test('the prompt arrives on standard input, secrets in the environment and in no file', async () => {
    const made = makeSpec('cat; printf %s "$API_KEY" | wc -c; env | grep -c OC_SUPERVISE_SECRET')
    const stdinFile = join(made.layout.root, 'prompt.txt')
    writeFileSync(stdinFile, 'do it\n')
    made.spec.agent.stdinFile = stdinFile
    const { dir } = await start(made, { secrets: { API_KEY: 'swordfish' } })
    await awaitKeeper(dir, { clock })
    expect(readText(keeperFiles(dir).stdout)).toBe('do it\n9\n0\n')
    expect(readText(keeperFiles(dir).spec)).not.toContain('swordfish')
  })

  test('a program that is not there ends as 127; a folder that is not there never starts', async () => {
    const missing = makeSpec('')
    missing.spec.agent.argv = ['/no/such/agent']
    expect((await runToEnd(missing)).exit.exitCode).toBe(127)
    const homeless = makeSpec('true')
    rmSync(homeless.spec.agent.cwd, { recursive: true })
    expect((await runToEnd(homeless)).exit.startError).toMatch(/ENOENT/)
  })

  test('the agent registers itself before its first instruction', async () => {
    const made = makeSpec('cat "$IDENTITY"; exec sleep 300')
    const files = keeperFiles(made.layout.keeperDir(made.spec.attempt))
    made.spec.agent.env.IDENTITY = files.agentIdentity
    await start(made)
    await until(() => readText(files.stdout).endsWith('\n'))
    const pid = Number(readText(files.stdout).split(' ')[0])
    expect(findMarked(made.spec.mark)).toContain(pid)
    expect(identityOf(pid)).not.toBeNull()
  })

  test('a spec of a newer protocol is refused with its name', async () => {
    const made = makeSpec('true')
    ;(made.spec as { protocol: string }).protocol = 'keeper/v9'
    const outcome = await startKeeper({ ...made, owner, secrets: {}, clock })
    expect(outcome).toMatchObject({ ok: false, reason: expect.stringContaining('keeper/v9') })
  })
})
