import { readdirSync } from 'node:fs'
import type { System } from './system.ts'

/** Keeps nothing that is over. */
export const GONE = '{runs: 0s, journal: 0s, saved: 0s, logs: 0s}'

export const manifest = (retention: string): string => `version: 1
name: clean
state_dir: state
sandbox: off
repos:
  app: {url: remote.git, checks: ["true"], merge: auto}
  old: {url: remote.git, checks: ["true"], merge: auto}
agents:
  writer: {type: command, command: [./writer.sh]}
lanes:
  goal: {agent: writer, max_attempts: 1, retry_delay: 0s}
  review: {}
gates: {signing: optional}
retention: ${retention}
`

/** Fails where a task says so, and leaves a file that nobody commits. */
export const WRITER = `#!/bin/sh
echo left >.git/left-behind
case "$(cat)" in *fail*) exit 3;; esac
echo "$OC_SUPERVISE_TASK" >"$OC_SUPERVISE_TASK.txt"
`

export interface Report {
  readonly dryRun: boolean
  readonly removed: readonly { kind: string; subject: string; why: string; bytes: number }[]
  readonly kept: readonly { kind: string; subject: string; why: string }[]
  readonly bytes: number
}

export const janitor = (system: System, ...flags: string[]): Promise<Report> =>
  system.json(['janitor', ...flags])
export const runsIn = ({ layout }: System): string[] =>
  readdirSync(layout.runs).filter((name) => name.startsWith('run-'))
