/** What the checks of a repository run, as far as their command lines tell. */
export interface CheckCommands {
  /** Scripts of package.json. */
  readonly scripts: ReadonlySet<string>
  /** Targets of make, just and the like; `` is the default one. */
  readonly targets: ReadonlySet<string>
  /** Programs of the repository itself. */
  readonly programs: readonly string[]
}

/** Reads the checks' command lines. */
export const checkCommands = (lines: readonly string[]): CheckCommands => {
  const commands = lines.flatMap((line) => line.split(/&&|\|\||[;|\n]/)).map(wordsOf)
  return {
    scripts: new Set(lines.flatMap(scriptsIn)),
    targets: new Set(commands.flatMap(targetsOf)),
    programs: commands.flatMap(programOf),
  }
}

/** Names of package scripts that a command line runs. */
export const scriptsIn = (line: string): string[] =>
  [...line.matchAll(RUNS_SCRIPT)].flatMap(({ groups }) => {
    const name = groups?.name ?? ''
    return name === 't' || name === 'tst' ? ['test'] : [name]
  })

const RUNS_SCRIPT =
  /\b(?:npm|pnpm|yarn|bun)[ \t]{1,8}(?:(?:-\S{1,80}|run|run-script|workspaces?|foreach)[ \t]{1,8}){0,6}(?<name>[\w:.@/-]{1,100})|\bnode[ \t]{1,8}--run[ \t=]{1,8}(?<name>[\w:.-]{1,100})/g

/** The words of one command, without what sets variables before it. */
const wordsOf = (command: string): string[] => {
  const words = command
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
  const first = words.findIndex((word) => !/^\w+=/.test(word) && !WRAPPERS.has(word))
  return first < 0 ? [] : words.slice(first).map((word) => word.replace(/^["']|["']$/g, ''))
}

const WRAPPERS = new Set(['exec', 'env', 'time', 'nice', 'command', '!', '(', '{', 'then', 'do', 'if'])
const INTERPRETERS =
  /^(?:sh|bash|zsh|dash|node|deno|bun|tsx|ts-node|python3?|ruby|perl|php|npx|uv|poetry|run|source|\.)$/
const TARGET_RUNNERS = /^(?:g?make|just|task|rake|mage)$/

const programOf = ([first = '', ...rest]: string[]): string[] => {
  if (!INTERPRETERS.test(first)) return first.includes('/') ? [plain(first)] : []
  const argument = rest.find((word) => !word.startsWith('-') && !INTERPRETERS.test(word))
  return argument === undefined ? [] : [plain(argument)]
}

const targetsOf = ([first = '', ...rest]: string[]): string[] => {
  if (!TARGET_RUNNERS.test(first)) return []
  const targets = rest.filter((word) => /^[\w./:%-]+$/.test(word) && !word.startsWith('-'))
  return targets.length === 0 ? [''] : targets
}

const plain = (path: string): string => path.replace(/^(?:\.\/)+/, '')

/** Whether a file of the repository is one of the programs, wherever the check stood when it ran it. */
export const isProgram = ({ programs }: CheckCommands, path: string): boolean =>
  programs.some((program) => path === program || (program !== '' && path.endsWith(`/${program}`)))
