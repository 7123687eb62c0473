import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/manifest/duration.ts'
import { looksLikeSecret } from '../../src/manifest/looks-like-secret.ts'
import { nearest } from '../../src/manifest/nearest.ts'
import { parseSize } from '../../src/manifest/size.ts'

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
    ['90m', 5_400_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms))

  test.each([
    '',
    '10',
    'm',
    '1.5h',
    '-1s',
    ' 1s',
    '1s ',
    '1S',
    '30m1h',
    '1m1m',
    '1 m',
    '1w',
    '1e3s',
    '1h,2m',
    '٣s',
  ])('%j is none', (text) => expect(parseDuration(text)).toBeNull())

  test('what we write, we read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * 86_400_000 }),
        (ms) => parseDuration(formatDuration(ms)) === ms,
      ),
    )
  })
})

describe('sizes', () => {
  test.each([
    ['0B', 0],
    ['1KiB', 1024],
    ['512MiB', 536_870_912],
    ['1.5GiB', 1_610_612_736],
    ['0.001KiB', 2],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes))

  test.each(['', '1', '1GB', '1gib', 'GiB', '-1B', '1 GiB', '1e3B', '.5GiB'])('%j is none', (text) =>
    expect(parseSize(text)).toBeNull(),
  )
})

describe('nearest', () => {
  test.each([
    ['alowed_paths', 'allowed_paths'],
    ['allowedPaths', 'allowed_paths'],
    ['chekcs', 'checks'],
    ['urls', 'url'],
    ['zzz', null],
    ['x'.repeat(1000), null],
  ])('%s → %s', (word, expected) => {
    expect(nearest(word, ['url', 'checks', 'allowed_paths', 'blocked_paths'])).toBe(expected)
  })

  test('among nothing there is nothing', () => expect(nearest('a', [])).toBeNull())
})

describe('looksLikeSecret', () => {
  test.each([
    `sk-ant-${'a'.repeat(20)}`,
    `ghp_${'A1'.repeat(18)}`,
    `github_pat_${'a'.repeat(30)}`,
    'AKIAABCDEFGHIJKLMNOP',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
  ])('%s', (text) => expect(looksLikeSecret(text)).toBe(true))

  test.each([
    '',
    '1',
    'sk-1',
    'https://host/x',
    'ssh://git@host:22/x',
    'git@host:a/b',
    'postgres://u:p@localhost/db',
    'ask-me-later-about-this',
    '/usr/bin',
  ])('not %j', (text) => expect(looksLikeSecret(text)).toBe(false))
})
