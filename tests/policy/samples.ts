import type { PolicyConfig, RepoConfig } from '../../src/contracts/compiled-manifest.ts'
import { Decision, Proposal } from '../../src/contracts/planning.ts'
import type { PolicyDecision } from '../../src/contracts/policy-decision.ts'
import { ChangedFile } from '../../src/contracts/work.ts'
import { NO_BUDGET } from '../support/no-budget.ts'

/** A repository with one check and no rules of its own. */
export const repo = (change: Partial<RepoConfig> = {}): RepoConfig => ({
  key: 'api',
  url: '/repos/api.git',
  defaultBranch: 'main',
  allowedBaseBranches: [],
  setup: [],
  setupTimeoutMs: 60_000,
  setupNetwork: [],
  checks: [{ name: 'unit', run: 'true', timeoutMs: 60_000, network: [], retries: 0 }],
  allowedPaths: [],
  reviewPaths: [],
  blockedPaths: [],
  tampering: null,
  restoreTests: null,
  secretPaths: [],
  env: {},
  merge: 'manual',
  mergeMethod: 'squash',
  forge: { type: 'local' },
  review: {
    maxRevisions: 3,
    onHumanTimeout: 'remind',
    humanTimeoutMs: 86_400_000,
    requireExplicitApproval: false,
  },
  concurrency: null,
  budget: NO_BUDGET,
  lanes: {},
  ...change,
})

/** What a manifest without a policy section has. */
export const policy = (change: Partial<PolicyConfig> = {}): PolicyConfig => ({
  requireApproval: { risk: ['high'], taskTypes: [] },
  maxChangedFiles: null,
  maxChangedLines: null,
  tampering: 'block',
  restoreTests: true,
  ...change,
})

/** A plan nothing objects to. */
export const proposal = (change: Partial<Proposal> = {}): Proposal => ({
  ...Proposal.parse({
    taskId: 'task-1',
    runId: 'run-1',
    repo: 'api',
    baseBranch: 'main',
    title: 'a title',
    goal: 'do it',
    constraints: null,
    type: 'bug_fix',
    risk: 'low',
    allowedPaths: [],
    checks: ['unit'],
    labels: [],
    trust: 'trusted',
    manifestHash: '0'.repeat(64),
    proposedAtMs: 0,
  }),
  ...change,
})

export const decision = (agentType = 'command'): Decision =>
  Decision.parse({
    lane: 'goal',
    agent: 'fake',
    agentType,
    model: null,
    rule: 'lane.agent',
    rationale: 'because',
  })

/** One changed file, as git tells it. */
export const file = (path: string, change: Partial<ChangedFile> = {}): ChangedFile =>
  ChangedFile.parse({ path, change: 'modified', kind: 'file', linesAdded: 1, linesRemoved: 1, ...change })

/** `rule effect` of every finding. */
export const rules = ({ findings }: PolicyDecision): string[] =>
  findings.map(({ rule, effect }) => `${rule} ${effect}`)
