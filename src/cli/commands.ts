import type { Command } from 'commander'

/** What every command file exports: a commander command that parses its own arguments. */
export interface CommandModule {
  readonly command: () => Command
}

/** The headings of `oc-supervise --help` and docs/cli.md, in their order. */
export const COMMAND_GROUPS = ['Run', 'Look', 'Decide', 'Manage'] as const

/** One row a command. Loading stays lazy: a row's file is imported only when its command runs. */
export interface CommandRow {
  readonly name: string
  readonly group: (typeof COMMAND_GROUPS)[number]
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'run',
    group: 'Run',
    summary: 'run the tree of a manifest',
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'stop',
    group: 'Run',
    summary: 'stop a running tree cleanly',
    load: () => import('./commands/stop.ts'),
  },
  {
    name: 'pause',
    group: 'Run',
    summary: 'stop claiming new work',
    load: () => import('./commands/pause.ts'),
  },
  {
    name: 'unpause',
    group: 'Run',
    summary: 'claim work again',
    load: () => import('./commands/unpause.ts'),
  },
  {
    name: 'restart',
    group: 'Run',
    summary: 'restart one child, or all of them',
    load: () => import('./commands/restart.ts'),
  },
  {
    name: 'task',
    group: 'Manage',
    summary: 'add, list, show, move, cancel, retry and answer tasks',
    load: () => import('./commands/task.ts'),
  },
  {
    name: 'runs',
    group: 'Look',
    summary: 'list and show runs and their evidence',
    load: () => import('./commands/runs.ts'),
  },
  {
    name: 'gate',
    group: 'Decide',
    summary: 'list, show, approve and reject human decisions',
    load: () => import('./commands/gate.ts'),
  },
  {
    name: 'mark-manual-gate',
    group: 'Decide',
    summary: 'decide a gate from a script',
    load: () => import('./commands/mark-manual-gate.ts'),
  },
  {
    name: 'logs',
    group: 'Look',
    summary: 'print the log of a child or a run',
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'explain',
    group: 'Look',
    summary: 'say why: a task, run, gate, child or failure class',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'verify',
    group: 'Look',
    summary: 'verify journal, anchors and evidence',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'agent',
    group: 'Look',
    summary: 'list agents, and check whether they could work here and now',
    load: () => import('./commands/agent.ts'),
  },
  {
    name: 'manifest',
    group: 'Manage',
    summary: 'check or show a manifest, print its schema',
    load: () => import('./commands/manifest.ts'),
  },
  {
    name: 'journal',
    group: 'Manage',
    summary: 'export and import the journal',
    load: () => import('./commands/journal.ts'),
  },
  {
    name: 'machine',
    group: 'Look',
    summary: 'list, draw and export the state machines',
    load: () => import('./commands/machine.ts'),
  },
  {
    name: 'inspect',
    group: 'Look',
    summary: 'serve the actors to Stately’s inspection tools, or print them',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'spend',
    group: 'Look',
    summary: 'say what agents used up, and what the budgets leave',
    load: () => import('./commands/spend.ts'),
  },
  {
    name: 'doctor',
    group: 'Look',
    summary: 'check this host and the state, and mend what is safe to mend',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'janitor',
    group: 'Manage',
    summary: 'remove what retention no longer keeps, and archive old history',
    load: () => import('./commands/janitor.ts'),
  },
  {
    name: 'init',
    group: 'Manage',
    summary: 'write a manifest for the repository in this folder',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'demo',
    group: 'Run',
    summary: 'watch the whole tree work on a sample repository, offline',
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'chaos',
    group: 'Run',
    summary: 'kill random processes of a sample tree and check that the end is the same',
    load: () => import('./commands/chaos.ts'),
  },
]

/** The row of a command; null where there is none. */
export const findCommand = (name: string): CommandRow | null =>
  COMMANDS.find((row) => row.name === name) ?? null
