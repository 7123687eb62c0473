import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { isUnchanged, type ProgramFile, resolveProgram } from '../../src/platform/resolve-program.ts'
import { makeTempDir } from '../support/temp-dir.ts'

let root: string
beforeEach(() => {
  root = makeTempDir('resolve')
})

const script = (path: string, text = '#!/bin/sh\n'): string => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  chmodSync(file, 0o755)
  return file
}
const link = (path: string, target: string): string => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  symlinkSync(target, join(root, path))
  return join(root, path)
}
const resolve = (name: string, folders: readonly string[], inside?: (file: string) => readonly string[]) =>
  resolveProgram(
    name,
    { home: root, path: [...folders.map((folder) => join(root, folder)), '/usr/bin', '/bin'].join(':') },
    inside,
  )
const pathOf = async (...args: Parameters<typeof resolve>): Promise<string> => {
  const found = await resolve(...args)
  return found.ok ? found.program.path : found.missing
}

describe('resolveProgram', () => {
  test('a name is looked up on PATH; its link is kept, its file noted', async () => {
    const file = script('lib/tool.sh')
    const path = link('bin/tool', file)
    expect(await resolve('tool', ['empty', 'bin'])).toMatchObject({ ok: true, program: { path, file } })
  })

  test('what is not there is named', async () => {
    expect(await pathOf('tool', ['bin'])).toBe('tool is not on PATH, or may not be executed')
    expect(await pathOf('/no/tool', ['bin'])).toBe('/no/tool is not there, or may not be executed')
  })

  test('a script is of no use without its interpreter', async () => {
    const path = script('bin/tool', '#!/usr/bin/env no-such-interpreter\n')
    expect(await pathOf('tool', ['bin'])).toBe(`${path} needs no-such-interpreter, which is not on PATH`)
  })

  test.each([
    ['asdf', '.asdf/shims'],
    ['nodenv', '.nodenv/shims'],
  ])('a shim of %s is resolved to what it would run', async (manager, shims) => {
    const real = script('installs/1.2.3/tool')
    script(`${shims}/tool`)
    script(`managers/${manager}`, `#!/bin/sh\n[ "$1 $2" = "which tool" ] && echo ${real}\n`)
    expect(await pathOf('tool', [shims, 'managers'])).toBe(real)
  })

  test('a shim that is a link to its manager is resolved too', async () => {
    const real = script('installs/1.2.3/tool')
    const mise = script('managers/mise', `#!/bin/sh\n[ "$1 $2" = "which tool" ] && echo ${real}\n`)
    link('shims/tool', mise)
    expect(await pathOf('tool', ['shims', 'managers'])).toBe(real)
  })

  test('a manager that does not say is said so', async () => {
    const shim = script('.asdf/shims/tool')
    script('managers/asdf', '#!/bin/sh\nexit 1\n')
    expect(await pathOf('tool', ['.asdf/shims', 'managers'])).toBe(
      `${shim} is a shim of asdf, which does not say what it runs`,
    )
  })

  test('what a launcher keeps inside is run in its place, where it is there', async () => {
    const launcher = script('lib/launcher.js')
    link('bin/tool', launcher)
    const inside = (file: string) => [join(dirname(file), 'no'), join(dirname(file), 'native')]
    expect(await pathOf('tool', ['bin'], inside)).toBe(join(root, 'bin/tool'))
    const native = script('lib/native')
    expect(await pathOf('tool', ['bin'], inside)).toBe(native)
  })
})

describe('isUnchanged', () => {
  const found = async (): Promise<ProgramFile> => {
    const resolved = await resolve('tool', ['bin'])
    if (!resolved.ok) throw new Error(resolved.missing)
    return resolved.program
  }

  test('the same file is; another one, a longer one and a missing one are not', async () => {
    const one = script('lib/1/tool')
    link('bin/tool', one)
    const before = await found()
    expect(isUnchanged(before)).toBe(true)
    writeFileSync(one, '#!/bin/sh\necho more\n')
    expect(isUnchanged(before)).toBe(false)
    expect(isUnchanged({ ...before, path: join(root, 'gone') })).toBe(false)
  })
})
