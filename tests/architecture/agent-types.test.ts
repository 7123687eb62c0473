import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { agentTypes } from '../../src/agents/agent-types.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const TYPES = agentTypes().map(({ type }) => type)
const REGISTRY = 'src/agents/agent-types.ts'
/** The type that other tests run programs of theirs with. */
const EVERYBODYS = 'command'

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))

/** Which type a file belongs to, by its place in a folder of all types; undefined where it is everybody's. */
const typeOf = (file: string, folder: string): string | undefined =>
  TYPES.find((type) => new RegExp(`^${folder}/${type}(?:/|\\.)`).test(file))

const importsOf = (file: string): string[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)'/g)].map(
    ([, specifier]) => relative(ROOT, resolve(join(ROOT, dirname(file)), specifier as string)),
  )

/** Imports of a type's files by a file that does not belong to it. */
const foreign = (files: readonly string[], folder: string): string[] =>
  files
    .filter((file) => file !== REGISTRY)
    .flatMap((file) =>
      importsOf(file)
        .filter((target) => ![undefined, typeOf(file, folder)].includes(typeOf(target, 'src/agents')))
        .map((target) => `${file} → ${target}`),
    )

test('a type of agent can be taken away: only its own files and the registry import it', () =>
  expect(foreign(['src', 'supervisor', 'machines'].flatMap(sourcesIn), 'src/agents')).toEqual([]))

test('the tests of one type of agent, and those of all types, do not need another', () => {
  const needed = foreign([...sourcesIn('tests/agents'), ...sourcesIn('tests/effects')], 'tests/agents')
  expect(needed.filter((row) => !row.endsWith(`/${EVERYBODYS}.ts`))).toEqual([])
})

test('the registry imports every type, each by one line', () =>
  expect(
    importsOf(REGISTRY)
      .map((target) => typeOf(target, 'src/agents'))
      .filter((type) => type !== undefined)
      .sort(),
  ).toEqual([...TYPES].sort()))
