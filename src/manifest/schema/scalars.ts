import { z } from 'zod'
import { PathGlob } from '../../contracts/task.ts'
import { DURATION_PATTERN, formatDuration, parseDuration } from '../duration.ts'
import { say } from '../explain-issue.ts'
import { looksLikeSecret } from '../looks-like-secret.ts'
import { parseSize, SIZE_PATTERN } from '../size.ts'

const DAY_MS = 86_400_000

/** A duration with units, in words: `10m`, `1h30m`. Bounds in milliseconds; the longest is a year. */
export const duration = (bounds: { minMs?: number; maxMs?: number } = {}) => {
  const { minMs = 1, maxMs = 365 * DAY_MS } = bounds
  const error = (issue: { input?: unknown }): string | undefined => {
    if (issue.input === undefined || issue.input === null) return undefined
    return typeof issue.input === 'number'
      ? say(
          'is a bare number; a duration needs its unit',
          `write ${issue.input}s, or ${issue.input}m for minutes`,
        )
      : say('is not a duration', 'write whole numbers with units, largest first: 500ms, 30s, 10m, 1h30m, 1d')
  }
  return z
    .string({ error })
    .regex(DURATION_PATTERN, { error })
    .refine((text) => within(parseDuration(text), minMs, maxMs), {
      error: () => say('is out of bounds', `write ${formatDuration(minMs)} to ${formatDuration(maxMs)}`),
    })
    .meta({ title: 'duration' })
}

/** A size with a binary unit: `2GiB`. */
export const size = () => {
  const error = (issue: { input?: unknown }): string | undefined => {
    if (issue.input === undefined || issue.input === null) return undefined
    return typeof issue.input === 'number'
      ? say('is a bare number; a size needs its unit', `write ${issue.input}MiB, or ${issue.input}GiB`)
      : say('is not a size', 'write a number with B, KiB, MiB, GiB or TiB: 512MiB, 2GiB')
  }
  return z
    .string({ error })
    .regex(SIZE_PATTERN, { error })
    .refine((text) => within(parseSize(text), 0, Number.MAX_SAFE_INTEGER), {
      error: () => say('is out of bounds', 'write at most 8191TiB'),
    })
    .meta({ title: 'size' })
}

const within = (value: number | null, min: number, max: number): boolean =>
  // Text that is no value at all has been reported already.
  value === null || (value >= min && value <= max)

/** A whole number within bounds. */
export const count = (min: number, max: number) => z.int().min(min).max(max).meta({ title: 'number' })

const NO_NUL = { error: () => say('holds a NUL character', 'remove it') }
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL ends strings early in everything we start
const WITHOUT_NUL = /^[^\u0000]*$/

/** Any text a shell or a program is given: several lines are fine, NUL is not. */
export const text = (max = 10_000) => z.string().min(1).max(max).regex(WITHOUT_NUL, NO_NUL)

/** A line for `sh -c`. */
export const command = () => text().meta({ title: 'shell command' })

/** A program and its arguments, never a shell line. */
export const argv = () => {
  const error = (issue: { input?: unknown }): string | undefined =>
    typeof issue.input === 'string'
      ? say('must be a list: the program, then each argument', 'write [program, "an argument", …]')
      : undefined
  const argument = z.string().max(10_000).regex(WITHOUT_NUL, NO_NUL)
  return z
    .array(argument, { error })
    .min(1)
    .max(500)
    .refine((list) => list[0] !== '', { error: () => say('the program is empty', 'name a program first') })
    .meta({ title: 'argv' })
}

/** A path, resolved against the manifest's folder; `~/` is the home folder. */
export const path = () => text(4000).meta({ title: 'path' })

const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The name of an environment variable. */
export const envName = () =>
  z
    .string()
    .max(200)
    .regex(ENV_NAME, {
      error: () =>
        say('is not the name of an environment variable', 'write letters, digits and _, as in API_KEY'),
    })
    .meta({ title: 'variable' })

/** Environment variables in the clear; what looks like a secret is refused. */
export const env = () =>
  z
    .record(
      envName(),
      z
        .string()
        .max(100_000)
        .regex(WITHOUT_NUL, NO_NUL)
        .refine((value) => !looksLikeSecret(value), {
          error: () =>
            say(
              'looks like a secret',
              'a manifest holds none: for agents use auth {env}, {file} or {command}',
            ),
        }),
    )
    .default({})
    .meta({ title: 'variables' })

/** A path pattern as rules and tasks write it; the syntax is in docs/manifest.md. */
export const glob = () =>
  z
    .string()
    .refine((pattern) => PathGlob.safeParse(pattern).success, {
      error: () =>
        say(
          'is not a path pattern inside the repository',
          'write it relative to the repository’s root, without a leading "/" and without ".."',
        ),
    })
    .refine((pattern) => !/^!|\\|[{}]|[@?+*!]\(/.test(pattern), {
      error: () =>
        say(
          'uses glob syntax we do not read',
          'only *, ** and ? are special: write one pattern for each alternative',
        ),
    })
    .refine((pattern) => pattern.trim() === pattern && !/^(\.\/?)?$/.test(pattern), {
      error: () => say('names nothing', 'write a path below the repository, or ** for everything'),
    })
    .meta({ title: 'glob' })

// git check-ref-format: what would not survive as a branch, or could be read as an option.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
const BAD_BRANCH = /^[-/.]|[\u0000-\u0020\u007f~^:?[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[/.]$|^@$/

/** A branch name git would accept. */
export const branch = () =>
  text(200)
    .refine((name) => !BAD_BRANCH.test(name) && !name.includes('*'), {
      error: () => say('is not a branch name git accepts', 'write the name alone, as in main'),
    })
    .meta({ title: 'branch' })

/** A branch name, or the beginning of one with `*` at its end. */
export const branchPattern = () =>
  text(200)
    .refine((name) => !BAD_BRANCH.test(`${name.replace(/\*$/, 'x')}`) && !name.slice(0, -1).includes('*'), {
      error: () =>
        say(
          'is not a branch pattern',
          'write a name, or the beginning of one and a final *, as in release/*',
        ),
    })
    .meta({ title: 'branch pattern' })
