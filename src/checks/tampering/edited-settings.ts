import { type CheckCommands, scriptsIn } from './check-commands.ts'
import { editedTargets } from './edited-targets.ts'

/**
 * Files that hold, beside much else, how the work is checked: what changed of that, one sentence's end each. `before`
 * null: the file is new.
 */
export const editedSettings = (
  path: string,
  before: string | null,
  after: string | null,
  commands: CheckCommands,
): string[] => {
  const name = path.toLowerCase().split('/').at(-1) ?? ''
  return SETTINGS.filter(({ file }) => file.test(name)).flatMap(({ edited }) =>
    edited(before ?? '', after ?? '', commands),
  )
}

/** Whether a file holds such settings beside much else. */
export const holdsSettings = (path: string): boolean => {
  const name = path.toLowerCase().split('/').at(-1) ?? ''
  return SETTINGS.some(({ file }) => file.test(name))
}

interface Settings {
  /** By the file's own name, in lower case. */
  readonly file: RegExp
  readonly edited: (before: string, after: string, commands: CheckCommands) => string[]
}

const SETTINGS: readonly Settings[] = [
  { file: /^package\.json$/, edited: (before, after, commands) => editedPackage(before, after, commands) },
  {
    file: /^(?:pyproject\.toml|setup\.cfg|cargo\.toml)$/,
    edited: (before, after) => editedSections(before, after),
  },
  { file: /^tsconfig[^/]*\.json$/, edited: (before, after) => loosenedCompiler(before, after) },
  {
    file: /^(?:gnu)?makefile$|\.mk$|^justfile$/,
    edited: (before, after, { targets }) => (targets.size === 0 ? [] : editedTargets(before, after, targets)),
  },
  {
    file: /^(?:taskfile\.ya?ml|rakefile|magefile\.go)$/,
    edited: (before, after, { targets }) =>
      targets.size === 0 || before === after ? [] : ['changes what the checks run'],
  },
]

const RUNNER_KEYS = [
  'jest',
  'vitest',
  'mocha',
  'nyc',
  'c8',
  'ava',
  'tap',
  'xo',
  'eslintConfig',
  'eslintIgnore',
  'lint-staged',
  'pre-commit',
]

const editedPackage = (before: string, after: string, { scripts }: CheckCommands): string[] => {
  const old = parse(before)
  const now = parse(after)
  if (now === null) return after === '' ? [] : ['is no JSON any more']
  const oldScripts = textsOf(old?.scripts)
  const newScripts = textsOf(now.scripts)
  const names = new Set([...reached(scripts, oldScripts), ...reached(scripts, newScripts)])
  return [
    ...[...names]
      // A script that a check already names and nobody had is what a task may bring.
      .filter(
        (name) =>
          oldScripts.get(name) !== newScripts.get(name) && !(scripts.has(name) && !oldScripts.has(name)),
      )
      .map((name) => `changes the script "${name.slice(0, 60)}", which the checks run`),
    ...RUNNER_KEYS.filter((key) => JSON.stringify(old?.[key]) !== JSON.stringify(now[key])).map(
      (key) => `changes the settings of ${key}`,
    ),
  ]
}

const parse = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

const textsOf = (value: unknown): Map<string, string> =>
  new Map(
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([name, text]): [string, string][] =>
          typeof text === 'string' ? [[name, text]] : [],
        ),
  )

/** Scripts that run where these are run: those they call, and what npm runs before and after each. */
const reached = (from: ReadonlySet<string>, scripts: ReadonlyMap<string, string>): Set<string> => {
  const found = new Set<string>()
  const visit = (name: string): void => {
    if (found.has(name)) return
    found.add(name)
    for (const other of scriptsIn(scripts.get(name) ?? '')) visit(other)
    for (const hook of [`pre${name}`, `post${name}`]) if (scripts.has(hook)) visit(hook)
  }
  for (const name of from) visit(name)
  return found
}

const JUDGING_SECTION =
  /^(?:tool[.:])?(?:pytest|coverage|ruff|mypy|pyright|basedpyright|pylint|flake8|bandit|tox|nox|poe|taskipy|hatch\.envs|pdm\.scripts)\b|^(?:workspace\.)?lints\b/

const editedSections = (before: string, after: string): string[] => {
  const old = sectionsOf(before)
  const now = sectionsOf(after)
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((name) => JUDGING_SECTION.test(name) && old.get(name) !== now.get(name))
    .map((name) => `changes its section [${name.slice(0, 60)}]`)
}

/** Sections by name, their lines without comments, blanks and indentation. */
const sectionsOf = (text: string): Map<string, string> => {
  const sections = new Map<string, string>()
  let name = ''
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    const header = /^\[{1,2}([^[\]]{1,200})\]{1,2}/.exec(line)
    if (header !== null) name = header[1]?.replaceAll(/["' ]/g, '') ?? ''
    else if (line !== '' && !line.startsWith('#')) sections.set(name, `${sections.get(name) ?? ''}${line}\n`)
  }
  return sections
}

const STRICT_OPTION =
  /"(strict\w*|no(?:Implicit|Unchecked|Unused|Fallthrough|PropertyAccess)\w*|exactOptionalPropertyTypes|checkJs|alwaysStrict|useUnknownInCatchVariables)"\s{0,9}:\s{0,9}true/g

const loosenedCompiler = (before: string, after: string): string[] => {
  const strict = (text: string): Set<string> =>
    new Set([...text.matchAll(STRICT_OPTION)].map(([, option]) => option ?? ''))
  const excluded = (text: string): string =>
    /"exclude"\s{0,9}:\s{0,9}\[([^\]]{0,5000})\]/.exec(text)?.[1]?.replace(/\s+/g, '') ?? ''
  const left = strict(after)
  return [
    ...[...strict(before)].filter((option) => !left.has(option)).map((option) => `turns ${option} off`),
    ...(before !== '' && after !== '' && excluded(before) !== excluded(after)
      ? ['excludes other files than before']
      : []),
  ]
}
