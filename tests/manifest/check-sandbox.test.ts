import { expect, test } from 'vitest'
import { compiled, fullManifest, problemsOf, testContext } from './compile-text.ts'

const without = {
  ...testContext(),
  sandbox: () => ({ ok: false as const, missing: 'bwrap is not on PATH', remedy: 'install bubblewrap' }),
}
const tape = { type: 'recorded', recordings: '/t' }

test('a host without a sandbox refuses a manifest that does not say off, with what is missing and both remedies', () => {
  const { sandbox, ...manifest } = fullManifest()
  const [problem, ...others] = problemsOf(manifest, without)
  expect(others).toEqual([])
  expect(problem).toMatch(
    /sandbox: is on, but there is no sandbox on this host: bwrap is not on PATH.*install bubblewrap; or write sandbox: off/s,
  )
})

test('one agent that is to be contained is enough', () => {
  const agents = { fake: { type: 'command', command: ['x'], sandbox: { network: [] } }, tape }
  const problems = problemsOf({ ...fullManifest(), agents }, without)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatch(/agents\.fake\.sandbox: is on/)
})

test('off is taken as it is, and the host is not asked', () => {
  const asked = () => {
    throw new Error('asked')
  }
  const manifest = compiled(fullManifest(), { ...testContext(), sandbox: asked })
  expect(manifest.sandbox).toBe('off')
  expect(Object.values(manifest.agents).map(({ sandbox }) => sandbox)).toEqual(['off', 'off'])
})

test('on at the top is on for every agent that does not say off itself', () => {
  const agents = { fake: { type: 'command', command: ['x'], sandbox: 'off' }, tape }
  const manifest = compiled({ ...fullManifest(), sandbox: 'on', agents })
  expect(manifest.agents.fake?.sandbox).toBe('off')
  expect(manifest.agents.tape?.sandbox).toEqual({ network: [] })
})
