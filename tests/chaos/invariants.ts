import { existsSync, readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { verifyTarget } from '../../src/cli/verify/verify-target.ts'
import { runStatus } from '../../supervisor/status/status-main.ts'
import { agentRunsOf, type ChaosProject, gitIn } from './chaos-project.ts'
import { processesOf } from './project-processes.ts'

/** How a scenario ends, and what may have been repeated on the way. */
export interface Expected {
  /** The files the tasks were to write, one each. */
  readonly files: readonly string[]
  readonly state: 'Done' | 'Blocked' | 'Cancelled'
  /** The agent ran at least and at most so often: more than once only where it or its keeper was a victim. */
  readonly agentRuns: readonly [number, number]
  readonly comments: number
}

/**
 * Everything that is wrong with a project after its last life, one line each; none where all that must hold does,
 * however often whatever was killed.
 */
export const brokenInvariants = async (project: ChaosProject, expected: Expected): Promise<string[]> => {
  const broken: string[] = []
  const same = (what: string, seen: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)]
    if (a !== b) broken.push(`${what}: ${a}, wanted ${b}`)
  }
  const rows = (sql: string): unknown[] => query(project, sql)
  const isMerged = expected.state === 'Done'

  const files = isMerged ? expected.files : []
  const states = rows("SELECT state FROM records WHERE kind = 'task'")
  same(
    'board',
    states,
    expected.files.map(() => expected.state),
  )
  const commits = gitIn(project, 'log', '--format=%s', 'main').sort()
  same('commits on main', commits, [...files.map((file) => `Write ${file}`), 'first'].sort())
  same('branches beside main', branchesOf(project).length, files.length)
  const pulls = rows("SELECT state FROM records WHERE kind = 'pull'")
  same(
    'pull requests',
    pulls,
    files.map(() => 'merged'),
  )
  for (const file of files) same(file, gitIn(project, 'show', `main:${file}`), ['work'])
  const comments = rows("SELECT queue || ' ' || (value ->> 'mark') FROM records WHERE kind = 'comment'")
  same('comments', comments.length, expected.comments)
  same('comments that differ', new Set(comments).size, comments.length)

  const [least, most] = expected.agentRuns
  const runs = agentRunsOf(project)
  if (runs < least || runs > most) broken.push(`agent runs: ${runs}, wanted ${least} to ${most}`)

  const unpaid = "SELECT id FROM spend WHERE state = 'open'"
  same('open reservations', rows(unpaid), [])
  const attempts = rows("SELECT id FROM spend WHERE value ->> '$.settled.ending' <> 'not_started'").length
  if (attempts < runs) broken.push(`paid attempts: ${attempts}, but the agent ran ${runs} times`)

  const living = expected.state !== 'Blocked' ? [] : rows("SELECT id FROM actors WHERE machine = 'task'")
  same('actors that are not done', rows("SELECT id FROM actors WHERE status <> 'done'"), living)
  same('open effects', rows("SELECT id FROM effects WHERE state = 'open'"), [])
  same('timers', rows('SELECT id FROM timers'), [])
  same('waiting events', rows("SELECT id FROM inbox WHERE state = 'waiting'"), [])
  // A done actor is nobody's any more, whatever its last lease says.
  const held = `SELECT actor FROM leases JOIN actors ON id = actor WHERE incarnation IS NOT NULL AND status <> 'done'`
  same('leases', rows(held), [])

  const { layout } = project
  same('workspaces', entriesOf(layout.workspaces), [])
  same('registrations', entriesOf(layout.registrations), [])
  const unfinished = entriesOf(layout.mirrors).filter((name) => name.endsWith('.new'))
  same('unfinished mirrors', unfinished, [])
  same('processes', processesOf(project), [])

  const verified = await verifyTarget(null, { stateDir: layout.root })
  same('verify', verified.refused?.message ?? 'intact', 'intact')
  same('status', await statusExit(project), 12)
  return broken
}

/** What `status --exit-code` exits with. */
export const statusExit = ({ layout }: ChaosProject): Promise<number> => {
  const sink = { write: () => {} }
  return runStatus({
    argv: ['--state-dir', layout.root, '--exit-code'],
    env: {},
    stdout: sink,
    stderr: sink,
    stateDirOf: async () => layout.root,
  })
}

const branchesOf = (project: ChaosProject): string[] =>
  gitIn(project, 'for-each-ref', '--format=%(refname)', 'refs/heads').filter(
    (ref) => ref !== 'refs/heads/main',
  )

/** The first column of every row of the journal's database. */
export const query = ({ layout }: ChaosProject, sql: string): unknown[] => {
  const db = new DatabaseSync(layout.journal, { readOnly: true })
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)[0])
  } finally {
    db.close()
  }
}

const entriesOf = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : [])
