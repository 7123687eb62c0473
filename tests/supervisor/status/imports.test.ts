import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ENTRY = join(import.meta.dirname, '../../../supervisor/status/status-main.ts')

/** Everything a file imports when it runs, at start or later; types are gone by then. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:^import (?!type )[^']*from |import\()'([^']+)'/gm)].map(
    (match) => match[1] as string,
  )

test('status loads nothing but node and small files of ours', () => {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.')) visit(resolve(dirname(file), specifier))
      else packages.add(specifier)
    }
  }
  visit(ENTRY)
  expect(seen.size).toBeGreaterThan(10)
  expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual([])
})
