import { expect, test } from 'vitest'
import { ownEnd } from '../../src/effects/own-end.ts'
import { ended } from '../machines/durable/support/samples.ts'

const end = (signal: string | null, bootId = 'boot-1') => ({ signal, at: { wallMs: 1, monoMs: 1, bootId } })
const interrupted = ended('interrupted')

test.each([
  ['once', end('SIGTERM'), null, 'interrupted'],
  ['after another end', end('SIGTERM'), end(null), 'interrupted'],
  ['twice in a row', end('SIGTERM'), end('SIGTERM'), 'failed'],
  ['by two signals', end('SIGHUP'), end('SIGINT'), 'failed'],
  ['by SIGKILL, which others send too', end('SIGKILL'), end('SIGKILL'), 'interrupted'],
  ['by SIGKILL before', end('SIGTERM'), end('SIGKILL'), 'interrupted'],
  ['with a restart of the host between', end('SIGTERM'), end('SIGTERM', 'boot-0'), 'interrupted'],
] as const)('ended by a signal that nobody of ours sent, %s', (_what, now, before, ending) => {
  const outcome = ownEnd(interrupted, now, before)
  expect(outcome.ending).toBe(ending)
  if (ending === 'failed')
    expect(outcome.failure).toMatchObject({
      class: 'tool_failure',
      reason: expect.stringContaining(`ended by ${now.signal}, and the run before it by ${before?.signal}`),
    })
  else expect(outcome).toBe(interrupted)
})
