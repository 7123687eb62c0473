import { type ExecFileException, execFile } from 'node:child_process'
import { childEnvironment } from './environment.ts'
import { GitError } from './git-error.ts'

/**
 * Settings every git of ours runs with, as arguments before the command. They win over the configuration of any
 * repository, so that nothing written into one starts a program, converts content or reaches elsewhere.
 */
export const HARDENED_GIT_CONFIG: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.autocrlf=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'init.templateDir=',
  'init.defaultBranch=main',
  'protocol.ext.allow=never',
  'protocol.file.allow=always',
  'transfer.fsckObjects=true',
  'fetch.fsckObjects=true',
  'receive.fsckObjects=true',
  'fetch.recurseSubmodules=false',
  'submodule.recurse=false',
  'credential.helper=',
  'commit.gpgSign=false',
  'tag.gpgSign=false',
  'gc.auto=0',
  'gc.autoDetach=false',
  'maintenance.auto=false',
  'color.ui=false',
  'advice.detachedHead=false',
].flatMap((setting) => ['-c', setting])

/** The environment every git of ours runs in: no system or global configuration, no prompts, our identity; `extra` wins. */
export const gitEnvironment = (extra: Record<string, string> = {}): Record<string, string> =>
  childEnvironment({
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_AUTHOR_NAME: 'oc-supervise',
    GIT_AUTHOR_EMAIL: 'oc-supervise@localhost',
    GIT_COMMITTER_NAME: 'oc-supervise',
    GIT_COMMITTER_EMAIL: 'oc-supervise@localhost',
    ...extra,
  })

export interface GitOptions {
  /** A repository only we have written to: git obeys what it finds there. */
  gitDir?: string
  /** Only its files are looked at, never a `.git` in it. */
  workTree?: string
  /**
   * Default: the work tree, else the git dir, else the root folder (where git finds no repository by accident). Without a
   * git dir, git obeys the repository that lies there: only for a person's own.
   */
  cwd?: string
  indexFile?: string
  env?: Record<string, string>
  /** Standard input; absent: empty. */
  input?: string
  /** `latin1`: one character a byte, for output that is not text. Default: utf8. */
  encoding?: 'utf8' | 'latin1'
  /** Exit codes that are answers and not errors; 0 alone unless given. */
  okExitCodes?: number[]
  /** After this it is ended. @default ten minutes */
  timeoutMs?: number
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024
/** No command of ours takes a tenth of it; what an agent committed may be made to take for ever. */
const TIMEOUT_MS = 600_000

/**
 * Runs git where it has no outward effect. `stdout` is exact: its final newline is there. Output up to 64 MiB, UTF-8.
 * @throws GitError when the exit code is not in `okExitCodes`, git cannot start, takes too long, or writes more than that.
 */
export const git = async (
  args: readonly string[],
  options: GitOptions,
): Promise<{ stdout: string; stderr: string; exitCode: number }> => {
  const { stdout, stderr, exitCode, why } = await run(
    [...HARDENED_GIT_CONFIG, ...repositoryArguments(options), ...args],
    options,
  )
  if (exitCode !== null && (options.okExitCodes ?? [0]).includes(exitCode))
    return { stdout, stderr, exitCode }
  throw new GitError(`git ${args.map(withoutSecrets).join(' ')}: ${why}${lastLines(stderr)}`, {
    exitCode,
    stderr: withoutSecrets(stderr),
  })
}

interface Ran {
  readonly stdout: string
  readonly stderr: string
  /** Null where git did not end by itself, as `why` says. */
  readonly exitCode: number | null
  readonly why: string
}

/** Node's own execFile: an attempt runs twenty gits, and execa costs a millisecond of our time for each. */
const run = (argv: readonly string[], options: GitOptions): Promise<Ran> =>
  new Promise((resolve) => {
    const cwd = options.cwd ?? options.workTree ?? options.gitDir ?? '/'
    const env = gitEnvironment({
      ...(options.indexFile === undefined ? {} : { GIT_INDEX_FILE: options.indexFile }),
      ...options.env,
    })
    const { encoding = 'utf8', timeoutMs = TIMEOUT_MS } = options
    const child = execFile(
      'git',
      argv,
      { cwd, env, encoding, maxBuffer: MAX_OUTPUT_BYTES, timeout: timeoutMs, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => resolve({ stdout, stderr, ...endOf(error, cwd) }),
    )
    // A git that ends without reading all of it says so by its exit code.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
  })

const endOf = (error: ExecFileException | null, cwd: string): Pick<Ran, 'exitCode' | 'why'> => {
  const { code = 0, signal = null, killed = false } = error ?? {}
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return { exitCode: null, why: `wrote more than ${MAX_OUTPUT_BYTES} bytes` }
  if (killed) return { exitCode: null, why: 'took too long and was ended' }
  if (typeof code === 'number') return { exitCode: code, why: `exit ${code}` }
  return { exitCode: null, why: signal ?? `did not start in ${cwd}: ${code}` }
}

const repositoryArguments = (options: GitOptions): string[] => [
  ...(options.gitDir === undefined ? [] : [`--git-dir=${options.gitDir}`]),
  ...(options.workTree === undefined ? [] : [`--work-tree=${options.workTree}`]),
]

const lastLines = (stderr: string): string => {
  const lines = withoutSecrets(stderr).trim().split('\n').slice(-8)
  const text = lines.join('\n').slice(-2_000)
  return text === '' ? '' : `\n${text}`
}

/** Takes out what carries credentials: the user part of URLs, and the value of settings whose name speaks of one. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/\/\/[^/\s@]+@/g, '//***@')
    .replace(/^([^\s=]*(?:extraheader|password|token|secret|credential)[^\s=]*=).+$/is, '$1***')
