import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type KeyFolder, keyFolder } from '../../gates/support/ssh-tools.ts'
import { oc } from './run-cli.ts'
import { type TestSystem, testSystem } from './test-system.ts'

export const GATE = 'gate-1-1-1'
/** Keys of `ada`, the one operator, and of `eve`, who is none. */
export let keys: KeyFolder
/** The system that was opened last. */
export let system: TestSystem
/** The flags that name its state. */
export let state: [string, string]

beforeAll(() => {
  keys = keyFolder()
  for (const name of ['ada', 'eve']) keys.make(name, 'ed25519')
})
afterAll(async () => {
  for (const each of opened) await each.close()
  keys.remove()
})

const opened: TestSystem[] = []

/** A system whose gates ada decides; the test's end closes it. */
export const openSystem = async (options: Parameters<typeof testSystem>[0] = {}): Promise<void> => {
  const operators = [{ name: 'ada', publicKey: keys.publicLine('ada') }]
  system = await testSystem({ ...options, terms: { operators, ...options.terms } })
  opened.push(system)
  state = ['--state-dir', system.dir]
}

/** Such a system with task-1 at its merge gate. */
export const openGate = async (options: Parameters<typeof testSystem>[0] = {}): Promise<void> => {
  await openSystem(options)
  await system.claim()
  await system.reach(GATE, 'undecided.open')
}

export const approve = (...more: string[]) =>
  oc('gate', 'approve', GATE, '--by', 'ada', '--note', 'read it', ...state, ...more)
export const key = (name: string): [string, string] => ['--key', join(keys.dir, name)]
