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
  gitDir?: string
  workTree?: string
  /** Default: the work tree, else the git dir, else the root folder (where git finds no repository by accident). */
  cwd?: string
  indexFile?: string
  env?: Record<string, string>
  /** Standard input; absent: empty. */
  input?: string
  /** `latin1`: one character a byte, for output that is not text. Default: utf8. */
  encoding?: 'utf8' | 'latin1'
  /** Exit codes that are answers and not errors; 0 alone unless given. */
  okExitCodes?: number[]
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * Runs git where it has no outward effect. `stdout` is exact: its final newline is there. Output up to 64 MiB, UTF-8.
 * @throws GitError when the exit code is not in `okExitCodes`, git cannot start, or it writes more than that.
 */
export const git = async (
  args: readonly string[],
  options: GitOptions,
): Promise<{ stdout: string; stderr: string; exitCode: number }> => {
  // Loaded by whoever runs git first: it is a fifth of what a lane loads, and most lanes never run git.
  const { execa } = await import('execa')
  const result = await execa('git', [...HARDENED_GIT_CONFIG, ...repositoryArguments(options), ...args], {
    cwd: options.cwd ?? options.workTree ?? options.gitDir ?? '/',
    env: gitEnvironment({
      ...(options.indexFile === undefined ? {} : { GIT_INDEX_FILE: options.indexFile }),
      ...options.env,
    }),
    extendEnv: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    encoding: options.encoding ?? 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    stripFinalNewline: false,
    reject: false,
  })
  const { stdout, stderr, exitCode } = result
  if (exitCode !== undefined && (options.okExitCodes ?? [0]).includes(exitCode) && !result.isMaxBuffer) {
    return { stdout, stderr, exitCode }
  }
  const why = result.isMaxBuffer
    ? `wrote more than ${MAX_OUTPUT_BYTES} bytes`
    : exitCode === undefined
      ? (result.signal ?? result.originalMessage ?? 'did not start')
      : `exit ${exitCode}`
  throw new GitError(`git ${args.map(withoutSecrets).join(' ')}: ${why}${lastLines(stderr)}`, {
    exitCode: exitCode ?? null,
    stderr: withoutSecrets(stderr ?? ''),
  })
}

const repositoryArguments = (options: GitOptions): string[] => [
  ...(options.gitDir === undefined ? [] : [`--git-dir=${options.gitDir}`]),
  ...(options.workTree === undefined ? [] : [`--work-tree=${options.workTree}`]),
]

const lastLines = (stderr: string | undefined): string => {
  const lines = withoutSecrets(stderr ?? '')
    .trim()
    .split('\n')
    .slice(-8)
  const text = lines.join('\n').slice(-2_000)
  return text === '' ? '' : `\n${text}`
}

/** Takes out what carries credentials: the user part of URLs, and the value of settings whose name speaks of one. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/\/\/[^/\s@]+@/g, '//***@')
    .replace(/^([^\s=]*(?:extraheader|password|token|secret|credential)[^\s=]*=).+$/is, '$1***')
