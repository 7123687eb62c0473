import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resetInstant } from '../../src/agents/reset-instant.ts'

/** Wednesday, 7 October 2026, 12:00 UTC. */
const NOW = Date.UTC(2026, 9, 7, 12)
const iso = (text: string): string | null => {
  const at = resetInstant(text, NOW)
  return at === null ? null : new Date(at).toISOString()
}

describe('times in messages', () => {
  test.each([
    ['Claude AI usage limit reached|1791388800', '2026-10-07T16:00:00.000Z'],
    ['Claude AI usage limit reached|1791388800123', '2026-10-07T16:00:00.123Z'],
    ['limit hit, resets at 2026-10-08T01:30:00Z', '2026-10-08T01:30:00.000Z'],
    ['Try again after 2026-10-08 01:30+02:00', '2026-10-07T23:30:00.000Z'],
    ['You will regain access on 2026-11-01 at 00:00 UTC.', '2026-11-01T00:00:00.000Z'],
    ['Please try again in 20s.', '2026-10-07T12:00:20.000Z'],
    ['Please try again in 1.5s', '2026-10-07T12:00:01.500Z'],
    ['retry after 350ms', '2026-10-07T12:00:00.350Z'],
    ['try again in 1h 2m 3s', '2026-10-07T13:02:03.000Z'],
    ['try again in 1h2m3s', '2026-10-07T13:02:03.000Z'],
    ['resets in 2 days, 3 hours and 4 minutes', '2026-10-09T15:04:00.000Z'],
    ['You’ve hit your session limit · resets 3:45pm (UTC)', '2026-10-07T15:45:00.000Z'],
    ['resets 11am (UTC)', '2026-10-08T11:00:00.000Z'],
    ['resets 12am (UTC)', '2026-10-08T00:00:00.000Z'],
    ['resets 3:20am (Asia/Singapore)', '2026-10-07T19:20:00.000Z'],
    ['resets Oct 9, 3am (Europe/Berlin)', '2026-10-09T01:00:00.000Z'],
    ['resets Jan 2, 3am (UTC)', null],
    ['try again at Oct 9th, 2026 10:12 AM (UTC)', '2026-10-09T10:12:00.000Z'],
  ])('%s', (text, expected) => expect(iso(text)).toBe(expected))

  test('a clock time that does not exist twice is right on both sides of a change', () => {
    const eve = Date.UTC(2026, 9, 24, 20)
    const at = resetInstant('resets 9am (Europe/Berlin)', eve)
    expect(new Date(at ?? 0).toISOString()).toBe('2026-10-25T08:00:00.000Z')
  })

  test('without a zone it is this machine’s', () => {
    const at = resetInstant('or try again at 10:12 AM.', NOW) ?? 0
    const local = new Date(at)
    expect([local.getHours(), local.getMinutes()]).toEqual([10, 12])
    expect(at - NOW).toBeLessThanOrEqual(25 * 3_600_000)
  })
})

describe('no time', () => {
  test.each([
    'rate limited',
    'the meeting is at 10:12 AM',
    'try again 3 times',
    'resets 25:00 (UTC)',
    'resets 3pm (Nowhere/Land)',
    'usage limit reached|1700000000',
    'resets at 2030-01-01T00:00:00Z',
    'wait for 90 days',
  ])('%s', (text) => expect(resetInstant(text, NOW)).toBeNull())

  test('whatever the text, the answer is null or lies ahead', () =>
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('resets ', 'try again in ', 'retry at '), (text, lead) => {
        const at = resetInstant(`${lead}${text}`, NOW)
        return at === null || at > NOW
      }),
    ))
})
