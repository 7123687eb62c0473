import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asUser, userCanRead } from '../../support/as-user.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { withSandbox } from '../../support/with-sandbox.ts'

const PROGRAM = join(import.meta.dirname, '../../fixtures/sandboxed.ts')

withSandbox('the sandbox of an ordinary user', () => {
  test.runIf(userCanRead(PROGRAM))('both walls stand, without a capability and without root', () => {
    const dir = makeTempDir('as-user')
    writeFileSync(join(dir, 'private'), 'private\n')
    chmodSync(dir, 0o755)
    const came = asUser(
      PROGRAM,
      dir,
      'id -u; cat ../private; grep CapEff /proc/self/status; unshare -Ur true; touch here; exit 3',
    )
    expect(came).toMatchObject({ facts: { ok: true }, status: 3 })
    expect(came.uid).not.toBe(0)
    expect(came.stdout).toBe(`${came.uid}\nCapEff:\t0000000000000000\n`)
    expect(came.stderr).toMatch(/private.*No such file[\s\S]*unshare failed/)
  })
})
