import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lendLogin, takeLoginBack } from '../../src/agents/lent-login.ts'
import { createLedger } from '../../src/budget/ledger.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { attemptRecords } from '../../src/effects/attempt-records.ts'
import type { LedgerPort } from '../../src/effects/ledger-port.ts'
import type { LoginPort } from '../../src/effects/login-port.ts'
import { type RunAgentPorts, runAgentEffect } from '../../src/effects/run-agent.ts'
import { stopAgentEffect } from '../../src/effects/stop-agent.ts'
import { systemClock } from '../../src/platform/clock.ts'
import type { StateLayout } from '../../src/platform/state-layout.ts'
import { rules } from '../budget/samples.ts'
import { until } from '../support/until.ts'
import { scriptAgent } from './support/script-agent.ts'

test('a stopped agent leaves no login behind (regression: only one that ended by itself gave it back)', async () => {
  const { ports, input, context, told, workspace, stop } = scriptAgent('echo up >up; sleep 300')
  const running = runAgentEffect(ports).perform(context, input)
  await until(() => existsSync(join(workspace, 'up')))
  await stopAgentEffect(ports).perform(context, stop)
  await running
  expect(told.filter((what) => what === 'taken back att-1-1').length).toBeGreaterThanOrEqual(1)
  expect(told.at(-1)).toMatch(/^settled/)
})

test('nothing was started: it is settled as that', async () => {
  const { ports, context, told, stop } = scriptAgent('true')
  await stopAgentEffect(ports).perform(context, stop)
  expect(told).toEqual(['taken back att-1-1', 'settled not_started'])
})

/** With the real ledger, and a cancellation that somebody else decides about. */
const cancellable = async () => {
  const made = scriptAgent('true')
  const store = await openSqliteStore({ path: made.layout.journal, clock: systemClock })
  onTestFinished(() => store.close())
  const ledger = createLedger({ store, rules: rules(), clock: systemClock, writer: 'inc-1' })
  const abort = new AbortController()
  const gate = Promise.withResolvers<void>()
  const ports = { ...made.ports, ledger }
  return { ...made, ports, ledger, store, abort, gate, context: { ...made.context, signal: abort.signal } }
}

test('cancelled while its program is tried, it reserves nothing (regression: it did, for ever)', async () => {
  const { ports, input, context, stop, store, abort, gate } = await cancellable()
  const tried: RunAgentPorts['programOf'] = async () => {
    await gate.promise
    return { ok: true, program: [], version: '1', resumes: true }
  }
  const running = runAgentEffect({ ...ports, programOf: tried }).perform(context, input)
  abort.abort('cancelled')
  expect(await stopAgentEffect(ports).perform(context, stop)).toEqual({ stopped: false })
  gate.resolve()
  await expect(running).rejects.toBe('cancelled')
  expect(await store.getSpend(input.attemptId)).toBeNull()
})

test('cancelled while it reserves, who stops it waits and settles that (regression: it found nothing open)', async () => {
  const { ports, input, context, stop, store, ledger, abort, gate } = await cancellable()
  const asked = Promise.withResolvers<void>()
  const slow: LedgerPort = {
    ...ledger,
    reserve: async (request) => {
      asked.resolve()
      await gate.promise
      return ledger.reserve(request)
    },
  }
  const running = runAgentEffect({ ...ports, ledger: slow }).perform(context, input)
  await asked.promise
  abort.abort('cancelled')
  const stopping = stopAgentEffect({ ...ports, ledger: slow }).perform(context, stop)
  gate.resolve()
  await expect(running).rejects.toBe('cancelled')
  expect(await stopping).toEqual({ stopped: false })
  expect((await store.getSpend(input.attemptId))?.settled?.ending).toBe('not_started')
})

test('what is settled is not started again', async () => {
  const { ports, input, context, stop, ledger, store } = await cancellable()
  const failing = { ...ports.keepers, start: async () => ({ ok: false as const, reason: 'no process' }) }
  const effect = runAgentEffect({ ...ports, keepers: failing })
  await expect(effect.perform(context, input)).rejects.toThrow('no process')
  expect(await ledger.openFor(input.attemptId)).toEqual({ agent: 'claude' })
  await stopAgentEffect(ports).perform(context, stop)
  await expect(runAgentEffect(ports).perform(context, input)).rejects.toThrow('settled already')
  expect(ports.keepers.exists(input.attemptId)).toBe(false)
  expect((await store.getSpend(input.attemptId))?.settled).toMatchObject({
    ending: 'not_started',
    usdMicros: 0,
  })
})

/** The real lender, of a login that lies in a HOME of the test. */
const lender = (layout: StateLayout): LoginPort => {
  const ownerHome = join(layout.root, 'owner')
  mkdirSync(join(ownerHome, '.tool'), { recursive: true })
  writeFileSync(join(ownerHome, '.tool/auth.json'), '{"token":1}')
  const lending = { ownerHome, lockFile: join(layout.root, 'login.lock'), clock: systemClock }
  const noteOf = (attempt: string): string => attemptRecords(layout, attempt).lentLogin
  return {
    lend: (type, attempt, home) => void lendLogin(lending, type?.file ?? '', home, noteOf(attempt)),
    takeBack: (attempt) => takeLoginBack(lending, noteOf(attempt)),
  }
}

test('a keeper that could not be started leaves no login behind (regression: it lay there for good)', async () => {
  const { ports, input, context, told, home, layout, stop } = scriptAgent('true')
  const failing = { ...ports.keepers, start: async () => ({ ok: false as const, reason: 'no process' }) }
  const lending = { ...ports, login: lender(layout), keepers: failing }
  await expect(runAgentEffect(lending).perform(context, input)).rejects.toThrow('no process')
  expect(existsSync(join(home, '.tool/auth.json'))).toBe(true)
  await stopAgentEffect(lending).perform(context, stop)
  expect(existsSync(join(home, '.tool/auth.json'))).toBe(false)
  expect(told).toEqual(['settled not_started'])
})

test('an agent that ran is not settled as if it had not, whatever became of its spec (regression: it cost nothing)', async () => {
  const { ports, input, context, told, layout, stop } = scriptAgent('true')
  await runAgentEffect(ports).perform(context, input)
  writeFileSync(join(layout.keeperDir(input.attemptId), 'spec.json'), '{')
  told.length = 0
  await stopAgentEffect(ports).perform(context, stop)
  expect(told).toEqual(['taken back att-1-1', 'settled cancelled'])
})
