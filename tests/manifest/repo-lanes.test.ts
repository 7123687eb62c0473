import { describe, expect, test } from 'vitest'
import { agentsFor, agentsOfLane, laneFor } from '../../src/contracts/lane-for.ts'
import { effectiveManifest } from '../../src/manifest/effective-manifest.ts'
import { parseManifest } from '../../src/manifest/parse-manifest.ts'
import { compiled, problemsOf } from './compile-text.ts'

const text = (lanes: string): string => `version: 1
name: a
sandbox: off
gates: {signing: optional}
agents:
  one: {type: command, command: [x]}
  two: {type: command, command: [x]}
  three: {type: command, command: [x]}
lanes:
  goal: {agent: one, fallback: [two], max_attempts: 4, retry_delay: 2m}
repos:
  plain: {url: /p.git}
  own:
    url: /o.git
    lanes:
      ${lanes}
`

describe('a lane for one repository', () => {
  const all = compiled(
    text('goal: {agent: two, fallback: [three], timeout: 5m, max_attempts: 1, retry_delay: 0s}'),
  )

  test('is the lane where the repository says nothing', () => {
    expect(laneFor(all, 'plain', 'goal')).toEqual({
      agent: 'one',
      agentKey: 'lanes.goal.agent',
      fallbacks: ['two'],
      timeoutMs: null,
      maxAttempts: 4,
      retryDelayMs: 120_000,
    })
    expect(laneFor(all, 'plain', 'test')).toBeNull()
  })

  test('is what the repository says, key by key', () => {
    expect(laneFor(all, 'own', 'goal')).toEqual({
      agent: 'two',
      agentKey: 'repos.own.lanes.goal.agent',
      fallbacks: ['three'],
      timeoutMs: 300_000,
      maxAttempts: 1,
      retryDelayMs: 0,
    })
    const some = compiled(text('goal: {max_attempts: 1}'))
    expect(laneFor(some, 'own', 'goal')).toEqual({ ...laneFor(some, 'plain', 'goal'), maxAttempts: 1 })
  })

  test('has no agent that stands in for itself', () => {
    const swapped = compiled(text('goal: {agent: two}'))
    expect(agentsFor(swapped, 'own', 'goal')).toEqual(['two'])
    expect(agentsFor(swapped, 'plain', 'goal')).toEqual(['one', 'two'])
    expect(agentsOfLane(all, 'goal')).toEqual(['one', 'two', 'three'])
    expect(agentsOfLane(all, 'test')).toEqual([])
  })
})

test.each([
  [
    'goal: {agent: tow}',
    '16:21',
    /repos\.own\.lanes\.goal\.agent: there is no agent "tow"; did you mean two\?/,
  ],
  ['goal: {fallback: [nobody]}', '16:25', /there is no agent "nobody"; write one of one, two, three/],
  ['goal: {fallback: [one]}', '16:25', /"one" is the agent that it would stand in for/],
  ['test: {agent: one}', '16:7', /repos\.own\.lanes\.test: overrides lane test, which is off/],
  ['review: {}', '16:7', /review/],
  ['goal: {timeout: 5}', '16:23', /a duration needs its unit/],
])('%s is refused at its place', (lanes, place, said) => {
  const problems = problemsOf(text(lanes))
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(`oc.yaml:${place}:`)
  expect(problems[0]).toMatch(said)
})

test('effective: only what is overridden, with its line', () => {
  const parsed = parseManifest(text('goal: {max_attempts: 1}'), 'oc.yaml')
  if (!parsed.ok) throw new Error('must parse')
  const rows = effectiveManifest(parsed.parsed, '/var/oc/a').filter(({ key }) => key.includes('own.lanes'))
  expect(rows).toEqual([{ key: 'repos.own.lanes.goal.max_attempts', value: 1, origin: { line: 16 } }])
})
