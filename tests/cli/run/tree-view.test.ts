import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTree } from '../../../src/cli/run/open-tree.ts'
import { createTreeView } from '../../../src/cli/run/tree-view.ts'
import type { StatusFile } from '../../../src/contracts/status.ts'
import { TaskSpec } from '../../../src/contracts/task.ts'
import { commitOf, manualClock } from '../../durable/support.ts'
import { makeTempDir } from '../../support/temp-dir.ts'

const spec = TaskSpec.parse({
  ...{ id: 'task-1', title: 'One', kind: 'goal', repo: 'project', goal: 'Write it.', constraints: null },
  ...{
    baseBranch: null,
    allowedPaths: [],
    priority: 'normal',
    type: 'unknown',
    risk: 'medium',
    verify: false,
  },
  ...{ dependsOn: [], labels: [], author: 'me', trust: 'trusted', parent: null, createdAtMs: 1 },
})

test('what an idle tree has read holds until anybody writes to the journal, and for a while at the longest', async () => {
  const manifest = join(makeTempDir('tree-view'), 'oc-supervise.yaml')
  writeFileSync(manifest, 'version: 1\nname: view\nstate_dir: ./state\nsandbox: off\n')
  const tree = await openTree(manifest, () => {})
  const clock = manualClock()
  const ports = { manifest: () => tree.manifest, notes: () => [] }
  const view = await createTreeView({ ...tree, clock }, ports)
  const ready = (): number => {
    clock.advance(100)
    return (JSON.parse(readFileSync(tree.layout.status, 'utf8')) as StatusFile).counts.ready
  }
  expect(view.holds()).toBe(true)
  await tree.board.add(spec, 'Ready', { actor: 'person', name: 'me', fence: null })
  expect(view.holds()).toBe(false)
  expect(ready()).toBe(0)
  await view.refresh()
  expect(ready()).toBe(1)
  expect(view.holds()).toBe(true)
  clock.advance(10_000)
  expect(view.holds()).toBe(false)
  await view.close('stopped')
  await tree.close()
})

test('while an actor is unfinished nothing holds: its keeper may come and go unwritten', async () => {
  const manifest = join(makeTempDir('tree-view'), 'oc-supervise.yaml')
  writeFileSync(manifest, 'version: 1\nname: view\nstate_dir: ./state\nsandbox: off\n')
  const tree = await openTree(manifest, () => {})
  const claimed = await tree.store.claim('gate-1', 'supervisor', tree.owner, 60_000)
  if (!claimed.ok) throw new Error('it is held')
  await tree.store.commit(
    commitOf(tree.owner, claimed.lease.token, { actor: 'gate-1', queue: 'supervisor', status: 'active' }),
  )
  const view = await createTreeView(tree, { manifest: () => tree.manifest, notes: () => [] })
  expect(view.holds()).toBe(false)
  await view.refresh()
  expect(view.holds()).toBe(false)
  await view.close('stopped')
  await tree.close()
})
