import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importTasks, readTaskFile } from '../../src/board/import-tasks.ts'
import { localBoard } from '../../src/board/local-board.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { makeTempDir } from '../support/temp-dir.ts'

const importing = async (...texts: string[]) => {
  const dir = makeTempDir('import')
  const store = await openSqliteStore({ path: join(dir, 'journal.db'), clock: systemClock })
  const board = localBoard(store)
  const file = join(dir, 'tasks.yaml')
  const by = { actor: 'person', name: 'manifest', fence: null } as const
  const results = []
  try {
    for (const text of texts) {
      writeFileSync(file, text)
      results.push(await importTasks(board, readTaskFile(file, { by, nowMs: 1_000 }), by))
    }
    return { results, tasks: await board.list({ limit: 100 }) }
  } finally {
    await store.close()
  }
}

const TWO = `tasks:
  - {key: first, title: First, goal: Do it., repo: api, priority: high}
  - key: second
    title: Second
    goal: |
      Then this.
    repo: api
    kind: test
    depends_on: first
    state: Backlog
    labels: [nightly]
`

describe('importTasks', () => {
  test('adds what is not there yet, by key, and leaves the rest alone', async () => {
    const changed = TWO.replace('Do it.', 'Do something else.').replace('key: second', 'key: third')
    const { results, tasks } = await importing(TWO, TWO, changed)
    expect(results).toEqual([
      { created: ['task-first', 'task-second'], existing: [] },
      { created: [], existing: ['task-first', 'task-second'] },
      { created: ['task-third'], existing: ['task-first'] },
    ])
    expect(tasks.map(({ spec, state }) => [spec.id, spec.goal, state, spec.dependsOn])).toEqual([
      ['task-first', 'Do it.', 'Ready', []],
      ['task-second', 'Then this.\n', 'Backlog', ['task-first']],
      ['task-third', 'Then this.\n', 'Backlog', ['task-first']],
    ])
  })

  test.each([
    ['tasks: [', 'tasks.yaml'],
    ['task: []', 'tasks'],
    ['tasks: [{key: A, title: t, goal: g, repo: api}]', 'tasks[0]: key: must match'],
    [
      'tasks: [{key: a, title: t, goal: g, repo: api}, {key: a, title: t, goal: g, repo: api}]',
      'two tasks have the key of task-a',
    ],
    ['tasks: [{key: a, title: t, goal: g}]', 'tasks[0]: repo'],
    ['tasks: [{key: a, title: t, goal: g, repo: api, prioritty: high}]', 'did you mean "priority"?'],
    ['tasks: [{key: a, title: -x, goal: g, repo: api}]', 'must not start with "-"'],
  ])('%j adds nothing and says where', async (text, message) => {
    await expect(importing(text)).rejects.toThrow(message)
    await expect(importing(text)).rejects.toMatchObject({ name: 'InvalidTaskText' })
  })

  test('one bad task keeps all of them out', () => {
    const file = join(makeTempDir('import-bad'), 'tasks.yaml')
    writeFileSync(file, `${TWO}  - {key: third}\n`)
    const by = { actor: 'person', name: 'manifest', fence: null } as const
    expect(() => readTaskFile(file, { by, nowMs: 1 })).toThrow(/tasks\[2\]/)
  })
})
