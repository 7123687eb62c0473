import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { Key } from '../../contracts/ids.ts'
import { loadManifest } from '../../manifest/load-manifest.ts'
import { formatProblem } from '../../manifest/manifest-problem.ts'
import { randomHex } from '../../platform/random.ts'
import { findSandbox } from '../../platform/sandbox/find-sandbox.ts'
import { loadPorts } from '../compose/load-ports.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatFacts } from '../print/print-table.ts'
import { oneLine, quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'
import { composeManifest, type ManifestFacts } from './compose-manifest.ts'
import { detectAgent } from './detect-agent.ts'
import { detectChecks } from './detect-checks.ts'
import { detectRepository } from './detect-repository.ts'
import { isWithin } from './is-within.ts'
import { type OperatorKey, operatorKey } from './operator-key.ts'

export interface InitOptions {
  readonly force?: boolean
  readonly operator?: string
  readonly key?: string
  readonly stateDir?: string
}

const FILE = 'oc-supervise.yaml'

/** `init`: finds out what it can about the repository around `folder`, and writes a manifest that is valid as it stands. */
export const initManifest = async (folder: string, options: InitOptions): Promise<Answer> => {
  const path = join(folder, FILE)
  if (options.force !== true && existsSync(path))
    throw new UsageError(`${FILE} exists already; --force replaces it`)
  const repository = await detectRepository(folder)
  const stateDir = stateDirOf(options.stateDir, folder, repository.root)
  const key = keyOf(options, repository.root)
  const facts: ManifestFacts = {
    repository,
    checks: detectChecks(repository.root),
    agent: detectAgent(process.env.PATH ?? ''),
    operator: key === null ? null : { name: options.operator as string, publicKey: key.publicKey },
    stateDir,
    sandbox: findSandbox(),
  }
  const manifest = writeValid(path, composeManifest(facts), repository.root)
  return answerOf(path, facts, key, manifest)
}

/** @throws UsageError when it lies in the work tree: state there would be committed, cleaned or cloned along. */
const stateDirOf = (option: string | undefined, folder: string, root: string): string | null => {
  if (option === undefined) return null
  const stateDir = resolve(folder, option)
  if (isWithin(root, stateDir))
    throw new UsageError(
      `--state-dir ${quoted(option)} lies in the repository ${root}; name a folder outside`,
    )
  return stateDir
}

const keyOf = ({ operator, key }: InitOptions, root: string): OperatorKey | null => {
  if (operator === undefined && key === undefined) return null
  if (operator === undefined || key === undefined)
    throw new UsageError('an operator needs a name and a key: write --operator NAME --key FILE')
  if (!Key.safeParse(operator).success)
    throw new UsageError(
      `--operator ${quoted(operator)} is not a name; write lower-case letters, digits and hyphens`,
    )
  return operatorKey(operator, key, root)
}

/**
 * Writes the manifest only if it is one: it is read back by the real loader under another name first.
 * @throws UsageError with the loader's problems.
 */
const writeValid = (path: string, text: string, root: string): CompiledManifest => {
  const draft = `${path}.${randomHex(4)}`
  writeFileSync(draft, text, { flag: 'wx' })
  try {
    const loaded = loadManifest(draft, loadPorts(process.env))
    if (!loaded.ok) {
      const problems = loaded.problems.map(
        (problem) => `  ${oneLine(formatProblem({ ...problem, file: FILE }))}`,
      )
      throw new UsageError(
        `what was found makes no valid manifest; nothing was written:\n${problems.join('\n')}`,
      )
    }
    const { stateDir } = loaded.manifest
    if (isWithin(root, stateDir)) {
      throw new UsageError(
        `state would lie in ${stateDir}, inside the repository ${root}; name a folder outside with --state-dir`,
      )
    }
    renameSync(draft, path)
    return loaded.manifest
  } finally {
    rmSync(draft, { force: true })
  }
}

const NEXT = ['oc-supervise task add --goal "What is to be done"', 'oc-supervise run --until-idle'] as const

const answerOf = (
  path: string,
  { repository, checks, agent, operator, sandbox }: ManifestFacts,
  key: OperatorKey | null,
  manifest: CompiledManifest,
): Answer => {
  const { url, source, defaultBranch } = repository
  return {
    json: {
      file: path,
      name: manifest.name,
      url,
      defaultBranch,
      setup: checks.setup,
      checks: checks.checks,
      agent: agent.found,
      operator: operator?.name ?? null,
      keyCreated: key?.created ?? false,
      sandbox: sandbox.ok ? sandbox.profile : 'off',
      stateDir: manifest.stateDir,
      next: NEXT,
    },
    text: [
      `wrote ${oneLine(path)}, a valid manifest; read it through before you run it`,
      formatFacts([
        ['repository', `${url} (${source}), branch ${defaultBranch}`],
        [
          'checks',
          checks.source === null
            ? 'none found: write some'
            : `${checks.checks.join(', ')} (${checks.source})`,
        ],
        ['agent', agent.found ?? 'none found that we know: write the command of yours under agents.coder'],
        ['sandbox', sandbox.ok ? sandbox.profile : `off: ${sandbox.missing}; ${sandbox.remedy}`],
        ['gates', gatesText(operator?.name ?? null, key)],
        ['state', manifest.stateDir],
      ]),
      '',
      'Next',
      ...NEXT.map((command) => `  ${command}`),
    ].join('\n'),
  }
}

const gatesText = (operator: string | null, key: OperatorKey | null): string =>
  operator === null || key === null
    ? 'unsigned decisions count, until you name an operator: oc-supervise init --force --operator NAME --key ~/.ssh/oc-supervise-gate'
    : `${operator} decides with ${key.path}${key.created ? ' (a new key without passphrase, readable by you alone)' : ''}`
