/* One attempt from clone to release, for a test to kill at any place: `node work-once.ts JSON`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureMirror } from '../../src/workspace/ensure-mirror.ts'
import { measureWork } from '../../src/workspace/measure-work.ts'
import { prepareWorkspace } from '../../src/workspace/prepare-workspace.ts'
import { pushBranch } from '../../src/workspace/push.ts'
import { releaseWorkspace } from '../../src/workspace/release-workspace.ts'

const given = JSON.parse(process.argv[2] ?? '')
const base = { ...given, attemptId: 'att-1', nowMs: 1_767_323_045_000 }
const fence = { actor: 'task-1', token: 1, check: async () => {} }

await ensureMirror(base)
// What the machine remembers of an effect that has ended.
const done = join(given.workspacesDir, '../measured')
if (!existsSync(done)) {
  const runSetup = async () => ({ passed: true, excerpt: '' })
  const workspace = await prepareWorkspace({
    ...base,
    baseBranch: 'main',
    revision: null,
    restore: null,
    setup: [],
    runSetup,
  })
  writeFileSync(join(workspace.path, 'work.txt'), 'work\n')
  const { measurement } = await measureWork({ ...base, workspace, message: 'work' })
  writeFileSync(done, measurement.commit?.sha ?? '')
}
const sha = readFileSync(done, 'utf8')
await pushBranch({ ...base, branch: 'att-1', sha, expected: null, fence })
await releaseWorkspace(base)
