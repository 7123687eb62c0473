import { describe, expect, test } from 'vitest'
import { parseFlags } from '../../../supervisor/status/parse-flags.ts'

const flags = (argv: string[], env: NodeJS.ProcessEnv = {}) => {
  const parsed = parseFlags(argv, env)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.flags
}

describe('where the state lies', () => {
  test.each<[string[], NodeJS.ProcessEnv, object]>([
    [[], {}, { by: 'manifest', file: null }],
    [['--manifest', 'm.yaml'], {}, { by: 'manifest', file: 'm.yaml' }],
    [['--state-dir', '/s/api'], {}, { by: 'dir', dir: '/s/api' }],
    [['--state-dir=/s/a=b'], {}, { by: 'dir', dir: '/s/a=b' }],
    [['--name', 'api'], { HOME: '/h' }, { by: 'dir', dir: '/h/.local/state/oc-supervise/api' }],
    [['--name', 'api'], { HOME: '/h', XDG_STATE_HOME: '/x' }, { by: 'dir', dir: '/x/oc-supervise/api' }],
    [
      ['--name', 'api'],
      { HOME: '/h', XDG_STATE_HOME: 'rel' },
      { by: 'dir', dir: '/h/.local/state/oc-supervise/api' },
    ],
    [['--name', 'api', '--state-home', '/y'], {}, { by: 'dir', dir: '/y/api' }],
  ])('%j', (argv, env, source) => expect(flags(argv, env).source).toEqual(source))
})

test('the rest', () => {
  expect(
    flags(['--exit-code', '--accept', 'waiting,terminal', '--run-id=run-1', '--json', '--watch']),
  ).toMatchObject({
    exitCode: true,
    accept: ['waiting', 'terminal'],
    runId: 'run-1',
    format: 'json',
    watch: true,
    help: false,
  })
  expect(flags(['-h']).help).toBe(true)
})

test.each([
  [['--no-such'], /does not know "--no-such"/],
  [['word'], /does not know "word"/],
  [['--exit-code=1'], /does not know/],
  [['--format', 'xml'], /it may be text, json, prometheus, nagios/],
  [['--format'], /needs a value/],
  [['--accept', 'all'], /it may be waiting, terminal/],
  [['--run-id', '../../etc'], /must look like run-/],
  [['--name', '../x'], /must match/],
  [['--name', 'a', '--manifest', 'm'], /name the same thing/],
])('%j is refused in words', (argv, message) => {
  const parsed = parseFlags(argv, {})
  expect(parsed).toMatchObject({ ok: false, message: expect.stringMatching(message) })
})
