import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []

/** Creates a fresh folder (mode 0700) under the system's temporary folder; it goes away when the test file is done. */
export const makeTempDir = (name = 'test'): string => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), `oc-supervise-${name}-`)))
  made.push(dir)
  return dir
}

afterAll(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
})
