import { createHmac } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/contracts/canonical-json.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { endProcess } from '../../../src/platform/end-process.ts'
import { newId } from '../../../src/platform/random.ts'
import { type RegisteredProcess, spawnRegistered } from '../../../src/platform/spawn-registered.ts'
import type { ChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import { until } from '../../support/until.ts'
import { answerOf, ask, beatOf, makeContext, SECRET } from './loop-fixture.ts'

describe('as a process', () => {
  const running: RegisteredProcess[] = []
  afterEach(async () => {
    for (const child of running.splice(0)) {
      await endProcess({ identity: child.identity, mark: child.intent.mark }, { graceMs: 0 })
    }
  })

  const startChild = async (): Promise<{ context: ChildContext; child: RegisteredProcess }> => {
    const context = makeContext()
    const { layout, incarnation } = context
    const secretFile = layout.probeSecret(incarnation)
    writeFileSync(secretFile, SECRET, { mode: 0o600 })
    const child = await spawnRegistered({
      role: 'lane',
      subject: context.child,
      owner: newId('inc'),
      incarnation,
      registrationsDir: layout.registrations,
      argv: [process.execPath, join(import.meta.dirname, 'loop-child.ts')],
      cwd: layout.root,
      env: {
        OC_SUPERVISE_CHILD: 'goal',
        OC_SUPERVISE_STATE: layout.root,
        OC_SUPERVISE_INCARNATION: incarnation,
      },
      stdoutFile: join(layout.root, 'log'),
      stderrFile: join(layout.root, 'log'),
      secretFile,
    })
    running.push(child)
    // The descriptor is the hand-over: the file may go.
    rmSync(secretFile)
    return { context, child }
  }

  test('it takes its secret from the descriptor, answers, and ends when asked', async () => {
    const { context, child } = await startChild()
    const { nonce } = ask(context)
    await until(() => answerOf(context)?.nonce === nonce)
    expect(answerOf(context)?.hmac).toBe(
      createHmac('sha256', SECRET)
        .update(
          canonicalJson({
            v: 1,
            incarnation: context.incarnation,
            sequence: 1,
            nonce,
            head: { stream: 'lane-goal', version: 0, hash: '0'.repeat(64) },
          }),
        )
        .digest('hex'),
    )
    process.kill(child.identity.pid, 'SIGTERM')
    expect(await child.exited).toEqual({ exitCode: 0, signal: null })
  })

  test('hung in its work it falls silent; stopped and continued it speaks again', async () => {
    const { context, child } = await startChild()
    await until(() => existsSync(context.layout.heartbeat('goal')))
    process.kill(child.identity.pid, 'SIGSTOP')
    const { nonce } = ask(context)
    const later = systemClock.monoMs() + 150
    await until(() => systemClock.monoMs() > later)
    expect(answerOf(context)).toBeNull()
    process.kill(child.identity.pid, 'SIGCONT')
    await until(() => answerOf(context)?.nonce === nonce)
    writeFileSync(context.layout.doorbell('goal'), 'hang')
    await until(() => systemClock.monoMs() - beatOf(context).at.monoMs > 500)
    expect(readFileSync(join(context.layout.root, 'log'), 'utf8')).toBe('')
  })

  test('without a supervisor it says what is missing', async () => {
    const { readChildContext } = await import('../../../supervisor/child-side/read-child-context.ts')
    expect(() => readChildContext({ OC_SUPERVISE_CHILD: 'goal' })).toThrow(
      /OC_SUPERVISE_INCARNATION, OC_SUPERVISE_STATE/,
    )
  })
})
