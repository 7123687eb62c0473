import fc from 'fast-check'
import picomatch from 'picomatch'
import { describe, expect, test } from 'vitest'
import { matchesPath, pathPattern } from '../../src/policy/path-pattern.ts'
import { covers, overlaps } from '../../src/policy/pattern-relation.ts'

const exact = (text: string) => pathPattern(text, { ignoreCase: false })
const loose = (text: string) => pathPattern(text, { ignoreCase: true })

describe('matchesPath', () => {
  test.each([
    // A name at any depth
    ['Dockerfile*', 'Dockerfile', true],
    ['Dockerfile*', 'deploy/Dockerfile.prod', true],
    ['*.env', '.env', true],
    ['*.env', 'a/b/prod.env', true],
    ['*.env', 'prod.env.js', false],
    ['secrets', 'a/secrets/b/c', true],
    ['./Dockerfile', 'deploy/Dockerfile', false],
    ['./Dockerfile', 'Dockerfile', true],
    // ** takes none as well
    ['**/.ssh/**', '.ssh/id_rsa', true],
    ['**/.ssh/**', 'home/ada/.ssh/id_rsa', true],
    ['**/.ssh/**', '.ssh', true],
    ['**/.ssh/**', 'x.ssh/id', false],
    ['**/migrations/**', 'migrations/1.py', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['**', '.hidden/x', true],
    // Folders
    ['src/', 'src/a/b', true],
    ['src/', 'lib/src/a', false],
    ['docs/api', 'docs/api/x.md', true],
    ['docs/api', 'docs/api', true],
    ['docs/api', 'docs/api.md', false],
    ['src/*', 'src/a', true],
    ['src/*', 'src/a/b', false],
    ['src/**', 'src/.hidden', true],
    ['src/**', 'srcs/a', false],
    // Characters stand for themselves
    ['app/[slug]/page.tsx', 'app/[slug]/page.tsx', true],
    ['app/[slug]/page.tsx', 'app/s/page.tsx', false],
    ['src/(auth)/**', 'src/(auth)/x', true],
    ['src/(auth)/**', 'src/auth/x', false],
    ['a+b', 'aab', false],
    ['a|b', 'a', false],
    ['{a,b}', 'a', false],
    ['!a', 'b', false],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a?c', 'a😀c', true],
    ['a*c', 'a\nc', true],
    ['src/**', 'src/a\nb/c', true],
    ['caf\u00e9', 'cafe\u0301', true],
    // Spelling
    ['src//a/./b', 'src/a/b', true],
    ['.', 'anything', true],
    ['src/**', '', false],
    ['SRC/**', 'src/a', false],
  ])('%s on %j: %s', (pattern, path, expected) => {
    expect(matchesPath(exact(pattern), path)).toBe(expected)
  })

  test('rules that protect ignore case', () => {
    expect(matchesPath(loose('**/.ssh/'), '.SSH/id_rsa')).toBe(true)
    expect(matchesPath(loose('DOCKERFILE'), 'dockerfile')).toBe(true)
  })

  test('no pattern takes long', () => {
    const stars = exact(`${'*a'.repeat(200)}*b`)
    const folders = exact(`${'**/a/'.repeat(90)}b`)
    const started = performance.now()
    expect(matchesPath(stars, 'a'.repeat(4000))).toBe(false)
    expect(matchesPath(folders, 'a/'.repeat(2000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

/** Few letters, so that patterns and paths meet often. */
const name = fc.constantFrom('a', 'b', 'ab', '.a', 'ba', '(a)', '[a]', 'a\nb', '{a,b}', '!a', '+(a)')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
const segment = fc.oneof(
  name,
  fc.constantFrom('*', '**', '?', 'a*', '*b', '*a*', '.*', '?a', 'a?', '??', 'a**b'),
)
const pattern = fc
  .tuple(
    fc.constantFrom('', './'),
    fc.array(segment, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '/'),
  )
  .map(([start, segments, end]) => `${start}${segments.join('/')}${end}`)

/** A pattern that takes in as much or more, most of the time: some segments replaced by wildcards. */
const widened = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...text
        .split('/')
        .map((part) =>
          fc.oneof(
            { weight: 3, arbitrary: fc.constant(part) },
            fc.constantFrom('*', '**', part.replace(/^[^*?]/, '?'), part.replace(/.$/s, '*'), `**/${part}`),
          ),
        ),
    )
    .map((parts) => `./${parts.join('/')}`)

/** The same syntax in a well-known library, for patterns short enough for its regular expressions. */
const oracle = (text: string, against: string): boolean => {
  const anchored = text.includes('/')
  const body = `${anchored ? '' : '**/'}${text.replace(/^\.\//, '').replace(/\/$/, '')}`
  const escaped = body.replace(/[^\w*?/.\n-]/g, '\\$&')
  const last = body.split('/').at(-1) ?? ''
  const folder = text.endsWith('/') || !/[*?]/.test(last)
  const forms = [escaped, ...(folder ? [`${escaped}/**`] : [])]
  // There, "x/**" takes "x" in only where x has no wildcards.
  while (forms.at(-1)?.endsWith('/**')) forms.push(forms.at(-1)?.slice(0, -3) ?? '')
  const options = { dot: true, nobrace: true, noextglob: true, nonegate: true, fastpaths: false, flags: 's' }
  return forms.some((form) => picomatch.makeRe(form, options).test(against))
}

describe('patterns, whatever they are', () => {
  test('agree with picomatch', () => {
    fc.assert(
      fc.property(pattern, path, (text, against) => {
        expect(matchesPath(exact(text), against)).toBe(oracle(text, against))
      }),
      { numRuns: 3000 },
    )
  })

  test('what both take in, they overlap on', () => {
    const met = path.chain((text) => fc.tuple(widened(text), widened(text), fc.constant(text)))
    let times = 0
    fc.assert(
      fc.property(met, ([a, b, against]) => {
        if (!matchesPath(exact(a), against) || !matchesPath(exact(b), against)) return
        times++
        expect(overlaps(exact(a), exact(b))).toBe(true)
        expect(overlaps(exact(b), exact(a))).toBe(true)
      }),
      { numRuns: 1000 },
    )
    expect(times).toBeGreaterThan(300)
  })

  test('a pattern that covers another takes in all of it', () => {
    const nested = path.chain((text) =>
      widened(text).chain((inner) =>
        fc.tuple(widened(inner), fc.constant(inner), fc.oneof(fc.constant(text), path)),
      ),
    )
    let times = 0
    fc.assert(
      fc.property(nested, ([outer, inner, against]) => {
        if (!covers(exact(outer), exact(inner)) || !matchesPath(exact(inner), against)) return
        times++
        expect(matchesPath(exact(outer), against)).toBe(true)
      }),
      { numRuns: 1000 },
    )
    expect(times).toBeGreaterThan(200)
  })

  test('every pattern covers itself and is covered by **', () => {
    fc.assert(
      fc.property(pattern, (text) => covers(exact(text), exact(text)) && covers(exact('**'), exact(text))),
    )
  })

  test('ignoring case takes in no less', () => {
    fc.assert(
      fc.property(pattern, path, (text, against) => {
        if (matchesPath(exact(text), against))
          expect(matchesPath(loose(text), against.toUpperCase())).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('pattern against pattern', () => {
  test.each([
    ['src/**', '**/.ssh/**', true],
    ['src/', '*', true],
    ['src/**', 'lib/**', false],
    ['src/*.ts', 'src/*.js', false],
    ['a*c', '*b*', true],
    ['.github/**', '.github/workflows/', true],
    ['src/a', 'src/a/b', true],
    ['src/?', 'src/ab', false],
  ])('%s and %s overlap: %s', (a, b, expected) => expect(overlaps(exact(a), exact(b))).toBe(expected))

  test.each([
    ['src/**', 'src/api/**', true],
    ['src', 'src/api/x.ts', true],
    ['src/api/**', 'src/**', false],
    ['**/secrets/', 'config/secrets/x', true],
    ['*.env', 'prod.env', false],
    ['*.env', 'config/*.env', true],
    ['a*', 'ab*', true],
    ['ab*', 'a*', false],
    ['a?', 'ab/', false],
    ['a?/**', './ab/', true],
  ])('%s covers %s: %s', (outer, inner, expected) =>
    expect(covers(exact(outer), exact(inner))).toBe(expected),
  )
})
