import type { z } from 'zod'
import { holdsPassword, looksLikeSecret } from './looks-like-secret.ts'
import type { KeyPath, ManifestFinding } from './manifest-problem.ts'
import { nearest } from './nearest.ts'

/** A finding and whether its key or its value is at fault. */
export interface LocatedFinding extends ManifestFinding {
  readonly place: 'key' | 'value'
}

/** Which keys the object around an unknown key would have taken; noted while zod runs, because its issues do not say. */
const knownKeys = new WeakMap<readonly string[], readonly string[]>()

/**
 * Words for zod's own issues, handed to `safeParse({ error })`. First line: what is wrong; second: the remedy.
 * Messages written at a schema (see `say`) come first and never pass here.
 */
export const describeIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input)
    case 'invalid_value': {
      const values = issue.values.map(String)
      const guess = typeof issue.input === 'string' ? nearest(issue.input, values) : null
      const what = issue.input === undefined ? 'is required' : 'is not a value this version knows'
      const remedy =
        typeof issue.input === 'boolean' && values.includes('off')
          ? 'write on or off'
          : `write ${values.join(' or ')}`
      return say(what, guess === null ? remedy : `did you mean ${guess}? ${remedy}`)
    }
    case 'invalid_union': {
      if (!('discriminator' in issue) || issue.errors.length > 0)
        return say('does not fit', 'see docs/manifest.md')
      const given = (issue.input as Record<string, unknown> | null)?.[String(issue.discriminator)]
      const types = (issue as { options?: unknown[] }).options?.map(String).join(', ') ?? ''
      const what =
        given === undefined ? 'is required' : `is not a ${String(issue.discriminator)} this version has`
      return say(what, `available: ${types}`)
    }
    case 'unrecognized_keys':
      knownKeys.set(issue.keys, Object.keys((issue.inst as z.ZodObject | undefined)?.shape ?? {}))
      return say('unknown key', 'remove it')
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? say(
            issue.origin === 'array' ? 'the list is empty' : 'the text is empty',
            'write at least one, or remove the key',
          )
        : say('the number is too small', `write ${issue.minimum} or more`)
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? say(
            `the ${issue.origin === 'array' ? 'list' : 'text'} is too long`,
            `write at most ${issue.maximum}`,
          )
        : say('the number is too large', `write ${issue.maximum} or less`)
    default:
      return undefined
  }
}

/** A message in two parts, as every schema of the manifest writes them. */
export const say = (what: string, remedy: string): string => `${what}\n${remedy}`

/**
 * Turns one zod issue into findings: one an unknown key, and for a union those of the branch that was meant.
 * @param data what was parsed, to show the value that was found
 */
export const explainIssue = (issue: z.core.$ZodIssue, data: unknown): LocatedFinding[] => {
  const at = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return meantBranch(issue.errors).flatMap((inner) =>
      explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, data),
    )
  }
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys.get(issue.keys) ?? []
    return issue.keys.map((key) => unknownKey([...at, key], key, known))
  }
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues
    return [finding(at, inner?.message ?? 'is not a name', data, 'key')]
  }
  return [finding(at, issue.message, data, 'value')]
}

/** The branch whose outer shape fits what was written (text for text, a map for a map); else the first. */
const meantBranch = (branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] =>
  branches.find(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  ) ??
  branches[0] ??
  []

const unknownKey = (at: KeyPath, key: string, known: readonly string[]): LocatedFinding => {
  const guess = nearest(key, known)
  const list = known.length === 0 ? 'none' : known.join(', ')
  const remedy =
    guess === null ? `remove it; known keys here: ${list}` : `did you mean ${guess}? known keys here: ${list}`
  return { at, message: 'unknown key', remedy, place: 'key' }
}

const finding = (at: KeyPath, text: string, data: unknown, place: 'key' | 'value'): LocatedFinding => {
  const [what = '', remedy = 'see docs/manifest.md'] = text.split('\n')
  const found = place === 'key' ? '' : showFound(at, data)
  return { at, message: `${what}${found}`, remedy, place }
}

const describeType = (expected: string, input: unknown): string => {
  if (input === undefined) return say('is required', 'add the key')
  if (input === null) return say('is empty', `write ${EXPECTED[expected] ?? expected}, or remove the key`)
  const what = `must be ${EXPECTED[expected] ?? expected}`
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) {
    return say(what, `put it in quotes: "${String(input)}"`)
  }
  if (expected === 'boolean') return say(what, 'write true or false, without quotes')
  if (expected === 'number' || expected === 'int') return say(what, 'write digits, without quotes')
  if (expected === 'array') return say(what, 'write [a, b], or one line "- a" each')
  if (expected === 'object' || expected === 'record') return say(what, 'write "key: value" lines under it')
  return say(what, 'see docs/manifest.md')
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

/** ` (found …)`, but never what is, or looks like, a secret. */
const showFound = (at: KeyPath, data: unknown): string => {
  const value = at.reduce<unknown>(
    (inner, part) => (inner as Record<string | number, unknown> | null | undefined)?.[part],
    data,
  )
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return ' (found a list)'
  if (typeof value === 'object') return ' (found a map)'
  const text = String(value)
  if (at.includes('auth') || looksLikeSecret(text) || holdsPassword(text)) return ' (value not shown)'
  return ` (found ${JSON.stringify(typeof value === 'string' ? shorten(text) : value)})`
}

const shorten = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 57)}...`)
