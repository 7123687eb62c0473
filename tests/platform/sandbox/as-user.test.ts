import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempDir } from '../../support/temp-dir.ts'
import { withSandbox } from '../../support/with-sandbox.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/sandboxed.ts')
const NOBODY = 65534

/** As an ordinary user; root becomes one first. Null where that user cannot read our sources. */
const asUser = (dir: string, script: string) => {
  const argv = [process.execPath, PROGRAM, dir, script]
  const becomes = ['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', '--']
  const isRoot = process.getuid?.() === 0
  if (isRoot) chownSync(dir, NOBODY, NOBODY)
  const [command = '', ...args] = isRoot ? [...becomes, ...argv] : argv
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: dir }
  return JSON.parse(execFileSync(command, args, { cwd: dir, env, encoding: 'utf8' }))
}

const canRead = (() => {
  if (process.getuid?.() !== 0) return true
  try {
    execFileSync('setpriv', ['--reuid', String(NOBODY), '--clear-groups', '--', 'test', '-r', PROGRAM], {
      stdio: 'ignore',
    })
    return true
  } catch {
    process.stderr.write('skipped: an ordinary user cannot read this checkout\n')
    return false
  }
})()

withSandbox('the sandbox of an ordinary user', () => {
  test.runIf(canRead)('both walls stand, without a capability and without root', () => {
    const dir = makeTempDir('as-user')
    writeFileSync(join(dir, 'private'), 'private\n')
    chmodSync(dir, 0o755)
    const came = asUser(
      dir,
      'id -u; cat ../private; grep CapEff /proc/self/status; unshare -Ur true; touch here; exit 3',
    )
    expect(came).toMatchObject({ facts: { ok: true }, status: 3 })
    expect(came.uid).not.toBe(0)
    expect(came.stdout).toBe(`${came.uid}\nCapEff:\t0000000000000000\n`)
    expect(came.stderr).toMatch(/private.*No such file[\s\S]*unshare failed/)
  })
})
