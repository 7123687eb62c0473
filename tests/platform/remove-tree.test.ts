import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { removeTree, removeTreeSync } from '../../src/platform/remove-tree.ts'
import { asUser, userCanRead } from '../support/as-user.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures', name)
const PROGRAM = fixture('read-only-leavings.ts')
const ODD = fixture('odd-leavings.ts')

describe('a folder is removed whatever a program left in it', () => {
  test.runIf(userCanRead(PROGRAM))(
    'read-only folders of agents, setup and checks, by an ordinary user',
    () => {
      const came = asUser(PROGRAM, makeTempDir('read-only'))
      expect(came.uid).not.toBe(0)
      expect(came).toMatchObject({ checks: true, setup: true, left: [] })
    },
  )

  test.runIf(userCanRead(ODD))(
    'names that are no UTF-8; and what a link leads to keeps its mode where the link cannot be removed',
    () => {
      const came = asUser(ODD, makeTempDir('odd'))
      expect(came).toMatchObject({ left: [], refused: 'EACCES', otherMode: 0o500 })
      expect(came.uid).not.toBe(0)
    },
  )

  test.each([
    ['removeTree', removeTree],
    ['removeTreeSync', removeTreeSync],
  ])('%s: folders nested deeper than a path can say, and nothing a link leads to', async (_, remove) => {
    const dir = makeTempDir('deep')
    const [tree, other] = [join(dir, 'tree'), join(dir, 'other')]
    for (const folder of [tree, other]) mkdirSync(folder)
    writeFileSync(join(other, 'file'), '')
    symlinkSync(other, join(tree, 'link'))
    // Longer than 4,096 characters at its end.
    const nest = `for (let i = 0; i < 2100; i++) { fs.mkdirSync('d'); fs.writeFileSync('x', ''); process.chdir('d') }`
    execFileSync(process.execPath, ['-e', nest], { cwd: tree })
    await remove(tree)
    expect(existsSync(tree)).toBe(false)
    expect(existsSync(join(other, 'file'))).toBe(true)
    await remove(tree)
  })
})
