import type { CheckSpec, RepoConfig } from '../../contracts/compiled-manifest.ts'
import type { CompileContext } from '../compile-context.ts'
import type { Manifest } from '../schema/manifest.ts'
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
  checks: repo.checks.map(compileCheck),
  allowedPaths: repo.allowed_paths ?? [],
  reviewPaths: repo.review_paths ?? [],
  blockedPaths: repo.blocked_paths ?? [],
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
})

/** A check given as one shell line is named by that line and has the defaults of the long form. */
const compileCheck = (check: Repo['checks'][number]): CheckSpec =>
  typeof check === 'string'
    ? { name: nameFrom(check), run: check, timeoutMs: durationMs('10m'), retries: 0 }
    : { name: check.name, run: check.run, timeoutMs: durationMs(check.timeout), retries: check.retries }

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
