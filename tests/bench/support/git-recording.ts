import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scope } from './scope.ts'

/** The git commands of one run, each with all it needs to be run again. */
export interface GitRecording {
  /** What stands in front of PATH while it records. */
  readonly path: string
  /** From now on commands are recorded. */
  begin(): void
  end(): void
  /** Command names in their order, for people. */
  commands(): string[]
  /** Runs each command again, bare and one after the other, in the folder as it was just before it; ms of each. */
  replay(): number[]
}

/** Arguments that are settings, not the command. */
const SETTINGS = /^(-c|--git-dir=.*|--work-tree=.*)$/

/**
 * Records every git that is found by PATH: arguments, environment, standard input, working folder, exit code, and a copy
 * of `dir` as it was before. A command runs differently in another state of its repositories, so each gets back its own.
 */
export const recordGit = (scope: Scope, dir: string): GitRecording => {
  const bin = scope.folder('recorded-bin')
  const records = scope.folder('recorded')
  const on = join(scope.dir, 'recording')
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  const shim = join(bin, 'git')
  writeFileSync(shim, shimText({ git, records, dir, on }))
  chmodSync(shim, 0o755)

  const names = (): string[] => readdirSync(records).sort((a, b) => Number(a) - Number(b))
  const argvOf = (name: string): string[] =>
    readFileSync(join(records, name, 'argv'), 'utf8')
      .split('\0')
      .slice(0, -1)

  return {
    path: `${bin}:${process.env.PATH}`,
    begin: () => writeFileSync(on, ''),
    end: () => rmSync(on),
    commands: () =>
      names().map((name) => {
        const argv = argvOf(name)
        return argv.find((word, index) => !SETTINGS.test(word) && argv[index - 1] !== '-c') ?? '?'
      }),
    replay: () =>
      names().map((name) => {
        const record = join(records, name)
        rmSync(dir, { recursive: true, force: true })
        cpSync(join(record, 'before'), dir, {
          recursive: true,
          preserveTimestamps: true,
          verbatimSymlinks: true,
        })
        return rerun(git, record, argvOf(name))
      }),
  }
}

const rerun = (git: string, record: string, argv: string[]): number => {
  const read = (file: string): string => readFileSync(join(record, file), 'utf8')
  const env = Object.fromEntries(
    read('env')
      .split('\0')
      .filter((entry) => entry.includes('='))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  )
  const options = { env, cwd: read('cwd').trimEnd(), input: readFileSync(join(record, 'stdin')) }
  const beganMs = performance.now()
  const { status, stderr } = spawnSync(git, argv, options)
  const tookMs = performance.now() - beganMs
  const expected = Number(read('exit'))
  if (status === expected) return tookMs
  throw new Error(`replayed git ${argv.join(' ')}: exit ${status}, recorded ${expected}: ${stderr}`)
}

/** `mkdir` counts, because two may begin at once. What vanishes while it is copied was not this command's. */
const shimText = (at: { git: string; records: string; dir: string; on: string }): string => `#!/bin/sh
[ -e '${at.on}' ] || exec '${at.git}' "$@"
n=1
until mkdir "${at.records}/$n" 2>/dev/null; do n=$((n + 1)); done
record="${at.records}/$n"
printf '%s\\0' "$@" >"$record/argv"
env -0 >"$record/env"
pwd >"$record/cwd"
cat >"$record/stdin"
cp -a '${at.dir}' "$record/before" 2>/dev/null
'${at.git}' "$@" <"$record/stdin"
code=$?
echo "$code" >"$record/exit"
exit "$code"
`
