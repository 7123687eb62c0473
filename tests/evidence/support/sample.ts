import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EFFECT_IO, type EffectInput } from '../../../src/contracts/effect-io.ts'
import type { AttemptEvidence, EvidenceSigner } from '../../../src/evidence/attempt-evidence.ts'
import { evidenceSigner } from '../../../src/evidence/evidence-signer.ts'

export const RECORDED_AT_MS = Date.UTC(2030, 0, 1, 12)
export const SECRET = 'hunter2-hunter2'
const BASE = 'a'.repeat(40)
const HEAD = 'b'.repeat(40)

/** The facts of an attempt that succeeded; overrides replace whole members. */
export const inputOf = (overrides: Record<string, unknown> = {}): EffectInput<'recordAttempt'> =>
  EFFECT_IO.recordAttempt.input.parse({
    runId: 'run-1',
    attemptId: 'att-1',
    attempt: 1,
    task: {
      id: 'task-1',
      title: 'Fix the total',
      kind: 'goal',
      repo: 'api',
      goal: 'The total is wrong.',
      constraints: null,
      baseBranch: null,
      allowedPaths: ['src/**'],
      priority: 'normal',
      type: 'bug_fix',
      risk: 'low',
      verify: false,
      dependsOn: [],
      labels: [],
      author: 'ada',
      trust: 'trusted',
      parent: null,
      createdAtMs: RECORDED_AT_MS - 120_000,
    },
    proposal: {
      taskId: 'task-1',
      runId: 'run-1',
      repo: 'api',
      baseBranch: 'main',
      title: 'Fix the total',
      goal: `The total is wrong. (${SECRET})`,
      constraints: null,
      type: 'bug_fix',
      risk: 'low',
      allowedPaths: ['src/**'],
      checks: ['npm test'],
      labels: [],
      trust: 'trusted',
      manifestHash: 'c'.repeat(64),
      proposedAtMs: RECORDED_AT_MS - 90_000,
    },
    decision: {
      lane: 'goal',
      agent: 'claude',
      agentType: 'command',
      model: null,
      rule: 'lane_default',
      rationale: 'the lane names it',
    },
    policy: { status: 'allow', findings: [], summary: 'nothing speaks against it' },
    workspace: { path: '/srv/workspaces/att-1', baseBranch: 'main', baseSha: BASE, startSha: BASE },
    outcome: {
      ending: 'completed',
      exitCode: 0,
      signal: null,
      stopReason: null,
      failure: null,
      startedAtMs: RECORDED_AT_MS - 60_000,
      endedAtMs: RECORDED_AT_MS - 1000,
      containment: { level: 'namespace', sandbox: 'off' },
      usage: { inputTokens: 1000, outputTokens: 200, usd: 0.25 },
      recorded: false,
      sessionId: null,
    },
    measurement: {
      changed: {
        status: 'KNOWN',
        source: 'git',
        files: [{ path: 'src/total.ts', change: 'modified', kind: 'file', linesAdded: 3, linesRemoved: 1 }],
      },
      commit: { sha: HEAD, tree: 'd'.repeat(40), baseSha: BASE, patchId: 'e'.repeat(40) },
      diffStat: ' src/total.ts | 4 +++-',
    },
    checks: {
      sha: HEAD,
      purpose: 'head',
      passed: true,
      results: [
        {
          name: 'npm test',
          run: 'npm test',
          outcome: 'passed',
          exitCode: 0,
          durationMs: 900,
          attempts: 1,
          excerpt: '1 passed',
        },
      ],
      containment: 'swept',
    },
    pull: null,
    failure: null,
    nowMs: RECORDED_AT_MS,
    ...overrides,
  })

/** Facts of an attempt that policy refused. */
export const refusedInput = (overrides: Record<string, unknown> = {}) =>
  inputOf({
    policy: {
      status: 'block',
      findings: [{ rule: 'path.blocked', effect: 'block', message: 'secrets/ is blocked', path: null }],
      summary: 'secrets/ is blocked',
    },
    failure: { class: 'scope_policy', reason: 'secrets/ is blocked' },
    workspace: null,
    outcome: null,
    measurement: null,
    checks: null,
    ...overrides,
  })

/** A folder with what a keeper leaves, an instance key, and room for runs. */
export interface EvidencePlace {
  readonly runsDir: string
  readonly signer: EvidenceSigner
  /** The instance key, for a process of its own. */
  readonly privateKeyPem: string
  /** Evidence of these facts, with the keeper's files where an agent ran. */
  evidenceOf(input: EffectInput<'recordAttempt'>, overrides?: Partial<AttemptEvidence>): AttemptEvidence
  remove(): void
}

export const evidencePlace = (): EvidencePlace => {
  const dir = mkdtempSync(join(tmpdir(), 'oc-supervise-evidence-'))
  const keeper = {
    specFile: join(dir, 'spec.json'),
    stdoutFile: join(dir, 'stdout.ndjson'),
    stderrFile: join(dir, 'stderr.txt'),
  }
  const diffPatchFile = join(dir, 'work.patch')
  writeFileSync(keeper.specFile, JSON.stringify(KEEPER_SPEC))
  writeFileSync(
    keeper.stdoutFile,
    `{"type":"start"}\n{"type":"text","text":"I found ${SECRET} in the environment"}\n`,
  )
  writeFileSync(keeper.stderrFile, 'warning: nothing\n')
  writeFileSync(diffPatchFile, 'diff --git a/src/total.ts b/src/total.ts\n')
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  return {
    runsDir: join(dir, 'runs'),
    signer: evidenceSigner({ publicKey, privateKey }),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    evidenceOf: (input, overrides = {}) => ({
      input,
      startDecision: null,
      keeper: input.outcome === null ? null : keeper,
      diffPatchFile: input.measurement?.commit ? diffPatchFile : null,
      journal: { head: { stream: 'task-1', seq: 7, hash: 'f'.repeat(64) }, anchorHash: '1'.repeat(64) },
      isCostKnown: true,
      gateTrust: 'same-user',
      versions: { 'oc-supervise': '0.1.0', node: '24.0.0' },
      secrets: [SECRET],
      ...overrides,
    }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}

const KEEPER_SPEC = {
  protocol: 'keeper/v1',
  attempt: 'att-1',
  agent: {
    argv: ['claude', '--token', SECRET],
    cwd: '/srv/workspaces/att-1',
    env: { PATH: '/usr/bin', ANTHROPIC_API_KEY: 'sk-not-in-the-list' },
    stdinFile: null,
  },
  containment: { level: 'namespace', sandbox: 'off' },
  mark: 'mark-mark-mark-mark',
  limits: {
    wallClockMs: 1000,
    idleMs: null,
    outputBytes: 1000,
    memoryBytes: null,
    stopGraceMs: 10,
    orphanTimeoutMs: 1000,
  },
}
