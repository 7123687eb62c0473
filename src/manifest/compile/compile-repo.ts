import type { CheckSpec, LaneOverride, RepoConfig } from '../../contracts/compiled-manifest.ts'
import { type LaneName, TASK_KINDS } from '../../contracts/lane-name.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Manifest } from '../schema/manifest.ts'
import { compileNetwork } from '../schema/network.ts'
import { compileBudget } from './compile-budget.ts'
import { durationMs } from './duration-ms.ts'
import { resolveRepoUrl } from './resolve-path.ts'

type Repo = Manifest['repos'][string]

/** One repository, in milliseconds and with an absolute address. */
export const compileRepo = (context: CompileContext, key: string, repo: Repo): RepoConfig => ({
  key,
  url: resolveRepoUrl(context, repo.url),
  defaultBranch: repo.default_branch,
  allowedBaseBranches: repo.allowed_base_branches,
  setup: repo.setup,
  setupTimeoutMs: durationMs(repo.setup_timeout),
  setupNetwork: compileNetwork(repo.setup_network),
  checks: repo.checks.map(compileCheck),
  allowedPaths: repo.allowed_paths ?? [],
  reviewPaths: repo.review_paths ?? [],
  blockedPaths: repo.blocked_paths ?? [],
  tampering: repo.tampering,
  restoreTests: repo.restore_tests,
  secretPaths: repo.secret_paths,
  env: repo.env,
  merge: repo.merge,
  mergeMethod: repo.merge_method,
  forge: { type: repo.forge.type },
  review: {
    maxRevisions: repo.review.max_revisions,
    onHumanTimeout: repo.review.on_human_timeout,
    humanTimeoutMs: durationMs(repo.review.human_timeout),
    requireExplicitApproval: repo.review.require_explicit_approval,
  },
  concurrency: repo.concurrency,
  budget: compileBudget(repo.budget),
  lanes: compileLanes(repo.lanes),
})

const compileLanes = (lanes: Repo['lanes']): RepoConfig['lanes'] => {
  const compiled: Partial<Record<LaneName, LaneOverride>> = {}
  for (const lane of TASK_KINDS) {
    const own = lanes[lane]
    if (own === undefined) continue
    compiled[lane] = {
      agent: own.agent ?? null,
      fallbacks: own.fallback ?? null,
      timeoutMs: own.timeout === undefined ? null : durationMs(own.timeout),
      maxAttempts: own.max_attempts ?? null,
      retryDelayMs: own.retry_delay === undefined ? null : durationMs(own.retry_delay),
    }
  }
  return compiled
}

/** A check given as one shell line is named by that line and has the defaults of the long form. */
const compileCheck = (check: Repo['checks'][number]): CheckSpec =>
  typeof check === 'string'
    ? { name: nameFrom(check), run: check, timeoutMs: durationMs('10m'), retries: 0, network: [] }
    : {
        name: check.name,
        run: check.run,
        timeoutMs: durationMs(check.timeout),
        retries: check.retries,
        network: compileNetwork(check.network),
      }

/** Names are one line of at most 100 characters; a script is known by its first line. */
const nameFrom = (run: string): string => {
  const line =
    run
      .trim()
      .split('\n')[0]
      ?.replace(/\p{Cc}/gu, ' ')
      .trim() ?? ''
  return line === '' ? 'check' : line.slice(0, 100)
}
