import { describe, expect, test } from 'vitest'
import { problemsOf, publicKey } from './compile-text.ts'

describe('gates that nobody could decide', () => {
  const base = {
    version: 1,
    name: 'a',
    sandbox: 'off',
    agents: { a: { type: 'command', command: ['x'] } },
    lanes: { goal: { agent: 'a' } },
  }
  const repo = { url: '/r', merge: 'auto', checks: ['make'] }

  test.each([
    ['merge: manual', { repos: { r: { url: '/r' } } }, /repos\.r\.merge is manual/],
    ['review_paths', { repos: { r: { ...repo, review_paths: ['db/**'] } } }, /review_paths asks for reviews/],
    [
      'built-in reviews',
      { repos: { r: repo }, policy: { require_approval: { risk: [] } } },
      /sensitive paths/,
    ],
  ])('%s', (_name, part, said) => {
    const problems = problemsOf({ ...base, ...part })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(said)
    expect(problems[0]).toMatch(/gates\.operators\.NAME\.ssh_key_file, or write gates\.signing: optional/)
  })

  test.each([
    ['an operator', { gates: { operators: { ada: { ssh_key: publicKey(1) } } } }],
    ['optional signing', { gates: { signing: 'optional' } }],
    ['no lane', { lanes: {} }],
    ['no repository', { repos: {} }],
  ])('are none with %s', (_name, part) => {
    expect(problemsOf({ ...base, repos: { r: repo }, ...part })).toEqual([])
  })
})
