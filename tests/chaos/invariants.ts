import { existsSync, readdirSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { agentRunsOf, type ChaosProject, gitIn } from './chaos-project.ts'
import { oc } from './command-line.ts'
import { processesOf } from './project-processes.ts'

/** What must hold whatever was killed, beyond what always must. */
export interface Expected {
  /** The agent ran at least and at most so often: more than once only where it or its keeper was a victim. */
  readonly agentRuns: readonly [number, number]
  /** Marks of comments, without the parts that are random. */
  readonly comments: number
}

export const UNDISTURBED: Expected = { agentRuns: [1, 1], comments: 0 }

/**
 * What a merged task must have come to, however it got there. Answers with everything that is wrong, one line each.
 */
export const brokenInvariants = (project: ChaosProject, expected: Expected): string[] => {
  const broken: string[] = []
  const expectEqual = (what: string, seen: unknown, wanted: unknown): void => {
    const [a, b] = [JSON.stringify(seen), JSON.stringify(wanted)]
    if (a !== b) broken.push(`${what}: ${a}, wanted ${b}`)
  }
  const rows = (sql: string): unknown[] => query(project, sql)

  expectEqual('board', rows("SELECT state FROM records WHERE kind = 'task'"), ['Done'])
  expectEqual('commits on main', gitIn(project, 'log', '--format=%s', 'main'), ['Write made.txt', 'first'])
  expectEqual('file merged', gitIn(project, 'show', 'main:made.txt'), ['work'])
  expectEqual('branches beside main', branches(project).length, 1)
  expectEqual('pull requests', rows("SELECT state FROM records WHERE kind = 'pull'"), ['merged'])
  const comments = rows("SELECT queue || ' ' || value ->> 'mark' FROM records WHERE kind = 'comment'")
  expectEqual('comments', comments.length, expected.comments)
  expectEqual('comments with a mark of their own', new Set(comments).size, comments.length)

  const [least, most] = expected.agentRuns
  const runs = agentRunsOf(project)
  if (runs < least || runs > most) broken.push(`agent runs: ${runs}, wanted ${least} to ${most}`)

  expectEqual('actors not done', rows("SELECT id FROM actors WHERE status <> 'done'"), [])
  expectEqual('open effects', rows("SELECT id FROM effects WHERE state = 'open'"), [])
  expectEqual('timers', rows('SELECT id FROM timers'), [])
  expectEqual('waiting events', rows("SELECT id FROM inbox WHERE state = 'waiting'"), [])
  expectEqual('leases held', rows('SELECT actor FROM leases WHERE incarnation IS NOT NULL'), [])

  const { layout } = project
  expectEqual('workspaces', entries(layout.workspaces), [])
  expectEqual('registrations', entries(layout.registrations), [])
  expectEqual('mirrors', entries(layout.mirrors).filter((name) => name.endsWith('.new')), [])
  expectEqual('processes', processesOf(project), [])

  const verified = oc(project, ['verify'])
  if (verified.exit !== 0) broken.push(`verify: exit ${verified.exit}: ${verified.output}`)
  const status = oc(project, ['status', '--exit-code'])
  if (status.exit !== 12) broken.push(`status: exit ${status.exit}: ${status.output}`)
  return broken
}

const branches = (project: ChaosProject): string[] =>
  gitIn(project, 'for-each-ref', '--format=%(refname)', 'refs/heads').filter(
    (ref) => ref !== 'refs/heads/main',
  )

/** The first column of every row. */
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

const entries = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : [])
