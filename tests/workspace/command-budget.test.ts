import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EffectInput } from '../../src/contracts/effect-io.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { localForge } from '../../src/forge/local-forge.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { changedBlobs } from '../../src/workspace/changed-blobs.ts'
import { freshClone } from '../../src/workspace/fresh-clone.ts'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { pushBranch } from '../../src/workspace/push.ts'
import { releaseWorkspace } from '../../src/workspace/release-workspace.ts'
import { makeFixture, NOW_MS } from './workspace-fixture.ts'

test('one task, from its claim to its merge, takes at most 25 git commands', async () => {
  const fixture = makeFixture()
  await fixture.mirrorNow()
  await fixture.prepare('att-0')
  await releaseWorkspace({ ...fixture, attemptId: 'att-0', nowMs: NOW_MS })
  const { repo, workspacesDir } = fixture
  const store = await openSqliteStore({ path: join(workspacesDir, '../journal.db'), clock: systemClock })
  const owner = { incarnation: 'inc-1' as never, host: 'h', identity: selfIdentity() }
  const claimed = await store.claim('task-1', 'goal', owner, 60_000)
  if (!claimed.ok) throw new Error('not claimed')
  const fence = { actor: 'task-1', token: claimed.lease.token, check: async () => {} }
  const forge = localForge({
    records: store,
    repos: { api: { key: 'api', url: repo.bare } },
    writer: 'inc-1',
  })

  const log = join(workspacesDir, '../git.log')
  const shims = join(workspacesDir, '../bin')
  const realGit = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  mkdirSync(shims)
  writeFileSync(
    join(shims, 'git'),
    `#!/bin/sh\nprintf '%s ' "$@" >>${log}; echo >>${log}\nexec ${realGit} "$@"\n`,
  )
  chmodSync(join(shims, 'git'), 0o755)
  const path = process.env.PATH
  process.env.PATH = `${shims}:${path}`
  try {
    const workspace = await fixture.prepare('att-1')
    writeFileSync(join(workspace.path, 'new.txt'), 'x\n')
    const { measurement } = await measureWork({
      ...fixture,
      attemptId: 'att-1',
      workspace,
      message: 'm',
      nowMs: NOW_MS,
    })
    const sha = measurement.commit?.sha as never
    // Read once: what judges the work hands it on to what scans it for secrets.
    const files = measurement.changed.status === 'KNOWN' ? measurement.changed.files : []
    await changedBlobs({ mirror: fixture.mirror, from: workspace.baseSha, to: sha, files })
    const clone = await freshClone({ ...fixture, attemptId: 'att-1', number: 1, sha })
    await clone.remove()
    await pushBranch({ ...fixture, url: repo.bare, branch: 'att-1', sha, expected: null, fence })
    const opened: unknown = {
      taskId: 'task-1',
      repo: 'api',
      headBranch: 'att-1',
      baseBranch: 'main',
      headSha: sha,
      title: 't',
      body: '',
    }
    const pull = await forge.openPull(opened as EffectInput<'openPull'>, fence)
    await forge.readPull(pull.id)
    await releaseWorkspace({ ...fixture, attemptId: 'att-1', nowMs: NOW_MS })
    const { baseSha, headSha } = await forge.readPull(pull.id)
    const merge = {
      pullId: pull.id,
      repo: 'api',
      headSha,
      baseSha,
      method: 'squash',
      message: 'm',
      nowMs: NOW_MS,
    } as const
    expect(await forge.merge(merge as EffectInput<'mergePull'>, fence)).toMatchObject({ outcome: 'merged' })
  } finally {
    process.env.PATH = path
    await store.close()
  }
  const commands = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) =>
        line
          .replace(/-c \S+ /g, '')
          .replace(/--(git-dir|work-tree)=\S+ /g, '')
          .split(' ')[0],
    )
  const expected = [
    ...['fetch', 'clone'],
    ...[
      'ls-files',
      'update-index',
      'write-tree',
      'diff-tree',
      'diff-tree',
      'patch-id',
      'commit-tree',
      'update-ref',
    ],
    ...['cat-file'],
    ...['clone', 'checkout'],
    ...['push', 'for-each-ref'],
    ...['write-tree', 'fetch', 'update-index', 'write-tree', 'update-ref', 'ls-tree'],
    ...['for-each-ref', 'merge-tree', 'commit-tree', 'update-ref'],
  ]
  // Some run side by side.
  expect(commands.toSorted()).toEqual(expected.toSorted())
  expect(commands.length).toBeLessThanOrEqual(25)
})
