import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { until } from '../support/until.ts'
import { makeFixture, NOW_MS } from './workspace-fixture.ts'

const secondOf = (ms: number): number => Math.floor(ms / 1000)

/**
 * git compares whole seconds. Measuring with an index that was copied without its time took a file for unchanged that
 * an agent had changed, to the same size, within the second of its checkout: half of the work was silently left out.
 */
test('a change of the same size within the second of the checkout is measured', async () => {
  const fixture = makeFixture()
  for (let tries = 1; ; tries += 1) {
    const attemptId = `att-${tries}`
    const workspace = await fixture.prepare(attemptId)
    const file = join(workspace.path, 'README.md')
    const before = statSync(file)
    writeFileSync(file, 'x'.repeat(before.size))
    if (secondOf(statSync(file).mtimeMs) !== secondOf(before.mtimeMs) && tries < 20) continue
    await until(() => secondOf(Date.now()) > secondOf(before.mtimeMs) + 1)
    const { measurement } = await measureWork({
      ...fixture,
      attemptId,
      workspace,
      message: 'do it',
      nowMs: NOW_MS,
    })
    expect(measurement.changed).toMatchObject({ status: 'KNOWN', files: [{ path: 'README.md' }] })
    return
  }
})
