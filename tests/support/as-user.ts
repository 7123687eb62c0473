import { execFileSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import { dirname } from 'node:path'

const NOBODY = 65534
const IS_ROOT = process.getuid?.() === 0
const BECOMES = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--']

/** Runs a program of the tests as an ordinary user, which root becomes first; `dir` is made that user's. Its output as JSON. */
export const asUser = (program: string, dir: string, ...args: readonly string[]) => {
  if (IS_ROOT) chownSync(dir, NOBODY, NOBODY)
  const argv = [process.execPath, program, dir, ...args]
  const [command = '', ...rest] = IS_ROOT ? [...BECOMES, ...argv] : argv
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: dir }
  return JSON.parse(execFileSync(command, rest, { cwd: dir, env, encoding: 'utf8' }))
}

/** Whether an ordinary user can read this checkout; said aloud where it cannot. */
export const userCanRead = (program: string): boolean => {
  if (!IS_ROOT) return true
  try {
    const [command = '', ...args] = [...BECOMES, 'test', '-r', program]
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    process.stderr.write('skipped: an ordinary user cannot read this checkout\n')
    return false
  }
}
