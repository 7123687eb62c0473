import { bareNodeMs } from './support/bare-node.ts'
import { recordGit } from './support/git-recording.ts'
import { type Bench, judge, type Measurement, rounded } from './support/row.ts'
import { startRun, untilReady } from './support/running-tree.ts'
import { interleave, median, p90 } from './support/stats.ts'
import { addTask, makeTaskProject, mergedMs } from './support/task-project.ts'

const PROJECT = {
  agent: '#!/bin/sh\necho work >"made-$OC_SUPERVISE_TASK.txt"\n',
  lanes: `lanes:
  goal: {agent: scribe, poll_interval: 60s}
  review: {poll_interval: 60s}
`,
}
const LANES = 2
const MOST_COMMANDS = 25

/** One task, from its claim to its merge, takes little more than the git commands that it needs. */
export const task: Measurement = {
  name: 'task',
  about: 'one task, claim → merged, against its git commands replayed bare',
  run: async (bench) => {
    const recording = await recordOneTask(bench)
    const { scope, quick } = bench
    const project = makeTaskProject(scope, 'task', PROJECT)
    const run = startRun(scope, project)
    await untilReady(project, run, LANES)
    let index = 0
    const oneTask = async (): Promise<number> => {
      index += 1
      return mergedMs(project, await addTask(project, index))
    }
    await oneTask()
    const rounds = quick ? 3 : 9
    const taken = await interleave(rounds, {
      task: oneTask,
      git: () => recording.replay().reduce((sum, ms) => sum + ms, 0),
      node: bareNodeMs,
    })
    const commands = recording.commands()
    const peer = median(taken.git) + median(taken.node)
    const row = judge({
      name: 'task',
      budget: `one task, claim → merged ≤ 1.25 × (its ≤ ${MOST_COMMANDS} git commands bare + one Node start)`,
      measured: median(taken.task) / peer,
      atMost: 1.25,
      unit: '×',
      details: {
        tasks: taken.task.length,
        'task p50 ms': rounded(median(taken.task)),
        'task p90 ms': rounded(p90(taken.task)),
        'peer: git commands bare, p50 ms': rounded(median(taken.git)),
        'peer: node -e 0, p50 ms': rounded(median(taken.node)),
        'git commands': `${commands.length}: ${commands.join(' ')}`,
      },
    })
    return [commands.length <= MOST_COMMANDS ? row : { ...row, verdict: 'missed' }]
  },
}

/** The second task of a tree: the first one makes the mirror. */
const recordOneTask = async ({ scope }: Bench) => {
  const project = makeTaskProject(scope, 'recorded-task', PROJECT)
  const recording = recordGit(scope, project.dir)
  const run = startRun(scope, project, { path: recording.path })
  await untilReady(project, run, LANES)
  await mergedMs(project, await addTask(project, 1))
  recording.begin()
  await mergedMs(project, await addTask(project, 2))
  recording.end()
  if (recording.commands().length === 0) throw new Error('no git was found by PATH: nothing to compare with')
  run.child.kill('SIGTERM')
  await run.ended
  return recording
}
