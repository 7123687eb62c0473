import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import type { BoardState } from '../../../src/contracts/task.ts'
import { type StateLayout, stateLayout } from '../../../src/platform/state-layout.ts'
import { makeTempDir } from '../../support/temp-dir.ts'
import { makeTestRepo, type TestRepo } from '../../support/test-repo.ts'
import { until } from '../../support/until.ts'
import { type CallOptions, endWhenDone, oc, type Result, type Running, start } from './product.ts'

/** A repository behind a bare remote, and a manifest beside it: what a user has before the first command. */
export interface System {
  readonly dir: string
  readonly manifest: string
  readonly layout: StateLayout
  readonly repo: TestRepo
  /** Calls the command line for this system. */
  oc(args: readonly string[], options?: CallOptions): Promise<Result>
  /** The same, and its one JSON object; whatever its exit code. */
  json<T = Record<string, unknown>>(args: readonly string[]): Promise<T>
  start(args: readonly string[], options?: CallOptions): Running
  /** `run --until-idle` to its end. */
  run(options?: CallOptions): Promise<Result>
  addTask(goal: string, ...more: string[]): Promise<string>
  task(id: string): Promise<{ readonly state: BoardState; readonly reason: string; readonly step: string }>
  /** Waits until a task stands there. */
  untilState(id: string, state: BoardState): Promise<void>
  /** Writes a file beside the manifest; with `#!` it becomes a program. */
  write(path: string, text: string): string
  read(path: string): string
  /** Titles of the commits on a branch of the remote, newest first. */
  log(branch?: string): string[]
  /** A file of the remote's branch; null where it is not there. */
  show(path: string, branch?: string): string | null
}

/** `manifest` is YAML; `@NAME` in it stands for the remote's path. `files` are the repository's first content. */
export const makeSystem = (
  manifest: string,
  files: Readonly<Record<string, string>> = {},
  programs: Readonly<Record<string, string>> = {},
): System => {
  const dir = makeTempDir('process')
  const repo = makeTestRepo(dir)
  if (Object.keys(files).length > 0) {
    repo.commit('The project', { ...files })
    repo.push()
  }
  const write = (path: string, text: string): string => {
    const file = join(dir, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    if (text.startsWith('#!')) chmodSync(file, 0o755)
    return file
  }
  const path = write('oc-supervise.yaml', manifest)
  for (const [name, text] of Object.entries(programs)) write(name, text)
  const name = /^name: (\S+)/m.exec(manifest)?.[1] ?? 'none'
  const layout = stateLayout(join(dir, 'state', name))
  endWhenDone(layout.root)
  const call = (args: readonly string[]): string[] => [...args, '--manifest', path]
  const system: System = {
    dir,
    manifest: path,
    layout,
    repo,
    oc: (args, options) => oc(call(args), { cwd: dir, ...options }),
    start: (args, options) => start(call(args), { cwd: dir, ...options }),
    json: async (args) => {
      const { stdout, stderr } = await system.oc([...args, '--json'])
      try {
        return JSON.parse(stdout)
      } catch (error) {
        throw new Error(`${args.join(' ')}: no JSON: ${stdout} ${stderr}`, { cause: error })
      }
    },
    run: (options) => system.oc(['run', '--until-idle'], options),
    addTask: async (goal, ...more) => {
      const added = await system.oc(['task', 'add', '--goal', goal, '--json', ...more])
      expect(added).toMatchObject({ code: 0, stderr: '' })
      return (JSON.parse(added.stdout) as { id: string }).id
    },
    task: async (id) =>
      JSON.parse((await oc(['task', 'show', id, '--json', '--state-dir', layout.root])).stdout),
    untilState: async (id, state) => {
      await until(async () => (await system.task(id)).state === state, {
        timeoutMs: 20_000,
        everyMs: 100,
        what: `${id} is ${state}`,
      })
    },
    write,
    read: (file) => readFileSync(join(dir, file), 'utf8'),
    log: (branch = 'main') => repo.gitBare('log', '--format=%s', branch).split('\n'),
    show: (file, branch = 'main') => {
      try {
        return repo.gitBare('show', `${branch}:${file}`)
      } catch {
        return null
      }
    },
  }
  return system
}

/** A key pair of an operator, made by the real ssh-keygen. */
export const makeKey = (dir: string, name: string): { readonly key: string; readonly publicKey: string } => {
  const key = join(dir, name)
  if (!existsSync(key))
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key], { stdio: 'ignore' })
  return { key, publicKey: readFileSync(`${key}.pub`, 'utf8').trim() }
}
