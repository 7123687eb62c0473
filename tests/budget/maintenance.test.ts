import { describe, expect, test } from 'vitest'
import { maintenanceEnd } from '../../src/budget/maintenance.ts'
import type { MaintenanceWindow, Weekday } from '../../src/contracts/compiled-manifest.ts'

const at = (text: string): number => new Date(text).getTime()

const window = (days: readonly Weekday[], from: string, to: string): MaintenanceWindow => {
  const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
  return { days, fromMinute: minute(from), toMinute: minute(to) }
}

const end = (windows: readonly MaintenanceWindow[], timezone: string, now: string): string | null => {
  const ends = maintenanceEnd(windows, timezone, at(now))
  return ends === null ? null : new Date(ends).toISOString().slice(0, 16)
}

// 2026-03-06 is a Friday.
const FRIDAY_NIGHT = [window(['fri'], '22:00', '04:00')]

describe('maintenanceEnd', () => {
  test.each([
    ['2026-03-06T21:59Z', null],
    ['2026-03-06T22:00Z', '2026-03-07T04:00'],
    ['2026-03-06T23:00Z', '2026-03-07T04:00'],
    ['2026-03-07T01:00Z', '2026-03-07T04:00'],
    ['2026-03-07T03:59Z', '2026-03-07T04:00'],
    ['2026-03-07T04:00Z', null],
    // It belongs to the day on which it starts: Friday's small hours are Thursday's.
    ['2026-03-06T01:00Z', null],
    ['2026-03-07T23:00Z', null],
  ])('Friday 22 to 4 at %s: %s', (now, expected) => expect(end(FRIDAY_NIGHT, 'UTC', now)).toBe(expected))

  test('every day, whole days, and the rest of a day', () => {
    expect(end([window([], '01:00', '02:00')], 'UTC', '2026-03-04T01:30Z')).toBe('2026-03-04T02:00')
    expect(end([window(['sat', 'sun'], '00:00', '24:00')], 'UTC', '2026-03-07T12:00Z')).toBe(
      '2026-03-09T00:00',
    )
    expect(end([window(['fri'], '23:00', '24:00')], 'UTC', '2026-03-06T23:30Z')).toBe('2026-03-07T00:00')
  })

  test('windows that touch are one', () => {
    const both = [...FRIDAY_NIGHT, window(['sat'], '03:00', '09:30')]
    expect(end(both, 'UTC', '2026-03-06T22:00Z')).toBe('2026-03-07T09:30')
  })

  test('one that never ends names an instant all the same', () => {
    expect(end([window([], '00:00', '24:00')], 'UTC', '2026-03-06T22:00Z')).not.toBeNull()
  })

  test('the time zone decides, and the day is its own', () => {
    // 22:00 in Berlin is 21:00 UTC in winter; 23:30 UTC on Friday is Saturday there.
    expect(end(FRIDAY_NIGHT, 'Europe/Berlin', '2026-03-06T21:00Z')).toBe('2026-03-07T03:00')
    expect(end(FRIDAY_NIGHT, 'Europe/Berlin', '2026-03-06T20:59Z')).toBeNull()
    expect(end([window(['sat'], '00:00', '01:00')], 'Europe/Berlin', '2026-03-06T23:30Z')).toBe(
      '2026-03-07T00:00',
    )
    expect(end([window(['sat'], '00:00', '01:00')], 'Pacific/Kiritimati', '2026-03-06T10:30Z')).toBe(
      '2026-03-06T11:00',
    )
  })

  describe('when clocks change (Berlin: forward on 2026-03-29 at 2, back on 2026-10-25 at 3)', () => {
    const tz = 'Europe/Berlin'
    const saturday = [window(['sat'], '22:00', '04:00')]
    test('a night in spring has five hours, one in autumn seven', () => {
      expect(end(saturday, tz, '2026-03-28T21:00Z')).toBe('2026-03-29T02:00')
      expect(end(saturday, tz, '2026-10-24T20:00Z')).toBe('2026-10-25T03:00')
      expect(end(saturday, tz, '2026-10-25T02:59Z')).toBe('2026-10-25T03:00')
      expect(end(saturday, tz, '2026-10-25T03:00Z')).toBeNull()
    })

    test('a time that is left out is the moment of the change', () => {
      expect(end([window(['sat'], '22:00', '02:30')], tz, '2026-03-28T22:00Z')).toBe('2026-03-29T01:00')
      expect(end([window(['sun'], '02:30', '05:00')], tz, '2026-03-29T01:00Z')).toBe('2026-03-29T03:00')
      expect(end([window(['sun'], '02:15', '02:45')], tz, '2026-03-29T01:00Z')).toBeNull()
    })

    test('a time that comes twice starts a window the first and ends it the second time', () => {
      const until = [window(['sat'], '22:00', '02:30')]
      // 00:30Z is the first 02:30, 01:30Z the second.
      for (const now of ['2026-10-25T00:29Z', '2026-10-25T00:45Z', '2026-10-25T01:29Z'])
        expect(end(until, tz, now)).toBe('2026-10-25T01:30')
      expect(end(until, tz, '2026-10-25T01:30Z')).toBeNull()
      const from = [window(['sun'], '02:30', '05:00')]
      expect(end(from, tz, '2026-10-25T00:29Z')).toBeNull()
      expect(end(from, tz, '2026-10-25T00:30Z')).toBe('2026-10-25T04:00')
      expect(end(from, tz, '2026-10-25T01:10Z')).toBe('2026-10-25T04:00')
    })
  })

  test('at every quarter of an hour of a year it agrees with the clock on the wall, but for the changes', () => {
    const tz = 'America/New_York'
    const night = [window([], '22:00', '04:00')]
    const hours = new Intl.DateTimeFormat('en-US', { timeZone: tz, hour: 'numeric', hourCycle: 'h23' })
    for (let ms = at('2026-01-01T00:00Z'); ms < at('2027-01-01T00:00Z'); ms += 15 * 60_000 * 7) {
      const hour = Number(hours.format(ms))
      expect([new Date(ms).toISOString(), maintenanceEnd(night, tz, ms) !== null]).toEqual([
        new Date(ms).toISOString(),
        hour >= 22 || hour < 4,
      ])
    }
  })
})
