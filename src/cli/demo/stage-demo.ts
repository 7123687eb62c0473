import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { makeFolders } from '../../platform/make-folders.ts'
import { packageRoot } from '../package-root.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

export interface DemoStage {
  readonly folder: string
  readonly manifest: string
  readonly stateDir: string
  readonly remote: string
}

/**
 * Copies the shipped demo into a folder of its own, so that showing it touches nothing else.
 * @param options.goal one task with this goal instead of the three
 * @param options.blocked a policy that forbids what the task would change
 * @throws UsageError when the folder holds something already, or is none that we can write.
 */
export const stageDemo = (options: {
  readonly goal: string | null
  readonly blocked: boolean
  readonly folder: string | null
}): DemoStage => {
  const folder = makeFolder(options.folder)
  const manifests = join(folder, 'manifests')
  cpSync(join(packageRoot, 'manifests/demo'), join(manifests, 'demo'), { recursive: true })
  const shipped = readFileSync(join(packageRoot, 'manifests/demo.yaml'), 'utf8')
  const manifest = join(manifests, 'demo.yaml')
  writeFileSync(manifest, options.goal === null ? shipped : forOneGoal(shipped, options.blocked))
  if (options.goal !== null) writeFileSync(join(manifests, 'demo/tasks.yaml'), taskFile(options.goal))
  const stateDir = join(folder, 'state/demo')
  return { folder, manifest, stateDir, remote: join(stateDir, 'remote.git') }
}

const makeFolder = (wanted: string | null): string => {
  if (wanted === null) return mkdtempSync(join(tmpdir(), 'oc-supervise-demo-'))
  const folder = resolve(wanted)
  if (existsSync(join(folder, 'manifests'))) {
    throw new UsageError(`--workspace-path ${folder} holds a demo already; name another folder or remove it`)
  }
  try {
    makeFolders(folder)
    readdirSync(folder)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      `--workspace-path ${quoted(folder)} is no folder we can write (${code}); name another`,
    )
  }
  return folder
}

/**
 * The task writes into artifacts/, and the policy allows just that, or forbids it. A storm may kill its agent more often
 * than the budget of everything would let it run.
 */
const forOneGoal = (shipped: string, blocked: boolean): string =>
  `${shipped.replace(
    /^ {4}allowed_paths: .*$/m,
    blocked ? '    blocked_paths: ["artifacts/**"]' : '    allowed_paths: ["artifacts/**"]',
  )}\nbudget: { per_hour: { runs: null }, per_day: { runs: null } }\n`

/** JSON is YAML: whatever the goal holds, it stays one string. */
const taskFile = (goal: string): string =>
  JSON.stringify({
    tasks: [
      {
        key: 'goal',
        repo: 'till',
        title: 'The demo goal',
        type: 'simple_edit',
        goal,
        allowed_paths: ['artifacts/**'],
      },
    ],
  })
