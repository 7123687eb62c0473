import { z } from 'zod'
import { MergeMethod } from '../../contracts/pull.ts'
import { TAMPERING_MODES } from '../../contracts/tampering.ts'
import { Line } from '../../contracts/task.ts'
import { say } from '../explain-issue.ts'
import { holdsPassword, looksLikeSecret } from '../looks-like-secret.ts'
import { OwnBudget, ownConcurrency } from './budget.ts'
import { network } from './network.ts'
import { RepoLanes } from './repo-lanes.ts'
import { branch, branchPattern, command, count, duration, env, glob, text } from './scalars.ts'

const URL_SCHEMES = ['https', 'http', 'ssh', 'git', 'file']

const url = () =>
  text(2000)
    .refine((value) => !holdsPassword(value) && !looksLikeSecret(value), {
      error: () => say('holds a password', 'a manifest holds no secrets: leave user and password out'),
    })
    .refine((value) => !value.startsWith('-') && !/^[A-Za-z0-9+.-]+::/.test(value) && hasKnownScheme(value), {
      error: () =>
        say(
          'is not an address we fetch from',
          `write ${URL_SCHEMES.join(', ')}, user@host:path, or a path on this machine`,
        ),
    })
    .meta({ title: 'URL or path' })

const hasKnownScheme = (value: string): boolean => {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(value)?.[1]
  return scheme === undefined || URL_SCHEMES.includes(scheme)
}

const Check = z.union([
  command(),
  z.strictObject({
    name: Line(100).describe('What results, gates and evidence call it; unique in its repository.'),
    run: command().describe('The line `sh -c` runs in a fresh clone of the commit; exit 0 passes.'),
    timeout: duration({ maxMs: 86_400_000 })
      .default('10m')
      .describe('When the check is ended and counts as timed out.'),
    retries: count(0, 5).default(0).describe('How many more times it is run before it counts as failed.'),
    network: network().describe(
      'What it may reach from the sandbox: nothing, `true` for the internet, or hosts.',
    ),
  }),
])

const globs = (what: string) =>
  z
    .array(glob())
    .max(200)
    .min(1, { error: () => say('the list is empty', `name at least one path, or remove the key (${what})`) })
    .nullable()
    .default(null)

const Review = z.strictObject({
  max_revisions: count(0, 20)
    .default(3)
    .describe('How often an agent may revise a pull request before a person is asked.'),
  on_human_timeout: z
    .enum(['remind', 'merge', 'requeue'])
    .default('remind')
    .describe(
      'What happens when nobody answered for `human_timeout`: remind, merge, or give the task back to its lane.',
    ),
  human_timeout: duration({ minMs: 1000 }).default('1d').describe('How long a person is waited for.'),
  require_explicit_approval: z
    .boolean()
    .default(false)
    .describe('Nothing merges without a person’s approval, and no label skips a review.'),
})

export const Repo = z.strictObject({
  url: url().describe('Where the repository is. The local forge takes a bare repository on this machine.'),
  default_branch: branch().default('main').describe('The branch tasks start from and merge into.'),
  allowed_base_branches: z
    .array(branchPattern())
    .max(100)
    .default([])
    .describe('Other branches a task may name as its base. Empty: only the default branch.'),
  setup: z
    .array(command())
    .max(50)
    .default([])
    .describe('Lines `sh -c` runs, in order, in every fresh clone.'),
  setup_timeout: duration({ maxMs: 86_400_000 })
    .default('15m')
    .describe('When setup is ended and counts as failed.'),
  setup_network: network().describe(
    'What setup may reach from the sandbox: nothing, `true` for the internet, or hosts such as `registry.npmjs.org`.',
  ),
  checks: z
    .array(Check)
    .max(50)
    .default([])
    .describe('What must pass before a push and before a merge: a shell line, or a map.'),
  allowed_paths: globs('without it, everything is allowed').describe(
    'What a task may change. Absent: everything that is not blocked.',
  ),
  review_paths: globs('the built-in list stays').describe(
    'A change here waits for a person, beside the built-in list.',
  ),
  blocked_paths: globs('the built-in list stays').describe(
    'A change here is refused, beside the built-in list.',
  ),
  tampering: z
    .enum(TAMPERING_MODES)
    .nullable()
    .default(null)
    .describe('The same as `policy.tampering`, for this repository. Absent: what the policy says.'),
  restore_tests: z
    .boolean()
    .nullable()
    .default(null)
    .describe('The same as `policy.restore_tests`, for this repository. Absent: what the policy says.'),
  secret_paths: z
    .array(glob())
    .max(200)
    .default([])
    .describe(
      'Files that may hold what looks like a secret (made-up keys of tests). Secrets of this manifest are refused there too.',
    ),
  env: env().describe('Variables for setup and checks.'),
  merge: z
    .enum(['manual', 'auto'])
    .default('manual')
    .describe('Who merges: a person at a gate, or we once verdict and checks allow it.'),
  merge_method: MergeMethod.default('squash').describe('How a pull request becomes one with its base.'),
  forge: z
    .discriminatedUnion('type', [
      z.strictObject({
        type: z
          .literal('local')
          .describe(
            'Where pull requests live. `local`: in our own store; merges go to the repository at `url`.',
          ),
      }),
    ])
    .prefault({ type: 'local' }),
  review: Review.prefault({}),
  concurrency: ownConcurrency('this repository'),
  budget: OwnBudget,
  lanes: RepoLanes,
})
