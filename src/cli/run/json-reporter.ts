import type { RunReporter } from './run-reporter.ts'

/** Says nothing until the end, then one object: how the run ended, and its tasks. */
export const jsonReporter = (write: (line: string) => void): RunReporter => ({
  started: () => {},
  task: () => {},
  note: () => {},
  idle: () => {},
  ended: ({ exit, tally, tasks, report, layout }) =>
    write(
      JSON.stringify({
        exit,
        ...tally,
        forced: report.forced,
        survivors: report.survivors,
        stateDir: layout.root,
        evidence: layout.runs,
        tasks: tasks.map(({ spec, state, phase, reason }) => ({
          id: spec.id,
          title: spec.title,
          state,
          phase,
          reason,
        })),
      }),
    ),
})
