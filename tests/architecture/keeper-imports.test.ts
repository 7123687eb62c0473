import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?!type\s)(?:[^'"\n;]*?(?:\{[^}]*\})?[^'"\n;]*?from\s+)?'([^']+)'/g

/** Every module that is loaded when `file` starts. */
const loaded = (file: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const match of readFileSync(file, 'utf8').matchAll(IMPORT)) {
    const specifier = match[1] as string
    if (specifier.startsWith('.')) loaded(resolve(join(dirname(file), specifier)), seen)
    else seen.add(specifier)
  }
  return seen
}

/** A keeper outlives upgrades: it must be loaded whole at its start, and start as fast as a bare Node. */
test('the keeper loads nothing but Node’s own modules and files of ours, all at its start', () => {
  const modules = [...loaded(join(ROOT, 'supervisor/keeper/keeper-main.ts'))]
  expect(modules.filter((name) => !name.startsWith(ROOT) && !name.startsWith('node:'))).toEqual([])
  const lazy = modules
    .filter((name) => name.startsWith(ROOT))
    .filter((name) => /\bimport\(/.test(readFileSync(name, 'utf8')))
  expect(lazy).toEqual([])
})
