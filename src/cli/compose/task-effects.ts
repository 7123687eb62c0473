import { agentType } from '../../agents/agent-types.ts'
import { classifyRun } from '../../agents/classify.ts'
import { composePrompt } from '../../agents/compose-prompt.ts'
import { findQuestion } from '../../agents/find-question.ts'
import { judgeRun } from '../../agents/judge-run.ts'
import { unsupportedRequest } from '../../agents/unsupported-request.ts'
import type { Board } from '../../board/board.ts'
import type { Ledger } from '../../budget/ledger.ts'
import { noteChecks } from '../../checks/check-history.ts'
import { judgeWithinLimits } from '../../checks/tampering/judge-within-limits.ts'
import type { CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { isUsedIn } from '../../contracts/lane-for.ts'
import type { Owner } from '../../contracts/store.ts'
import { type EffectDefinition, EffectFailure } from '../../durable/effect.ts'
import { loadOrCreateKeys } from '../../durable/keys.ts'
import type { Store } from '../../durable/store.ts'
import { addTaskEffect } from '../../effects/add-task.ts'
import { admitRunEffect } from '../../effects/admit-run.ts'
import { agentStarts } from '../../effects/agent-starts.ts'
import { checkMergeEffect } from '../../effects/check-merge.ts'
import { commentEffect } from '../../effects/comment.ts'
import { judgePlanEffect } from '../../effects/judge-plan.ts'
import { judgePullEffect } from '../../effects/judge-pull.ts'
import { judgeWorkEffect } from '../../effects/judge-work.ts'
import type { KeeperPort } from '../../effects/keeper-port.ts'
import { measureWorkEffect } from '../../effects/measure-work.ts'
import { mergePullEffect } from '../../effects/merge-pull.ts'
import { moveTaskEffect } from '../../effects/move-task.ts'
import { openPullEffect } from '../../effects/open-pull.ts'
import { planEffect } from '../../effects/plan.ts'
import { prepareWorkspaceEffect } from '../../effects/prepare-workspace.ts'
import { publishBranchEffect } from '../../effects/publish-branch.ts'
import { readBackEffect } from '../../effects/read-back.ts'
import { recordAttemptEffect } from '../../effects/record-attempt.ts'
import { releaseWorkspaceEffect } from '../../effects/release-workspace.ts'
import type { RepositoryPort } from '../../effects/repository-port.ts'
import { type RunAgentPorts, runAgentEffect } from '../../effects/run-agent.ts'
import { runChecksEffect } from '../../effects/run-checks.ts'
import { scanSecretsEffect } from '../../effects/scan-secrets.ts'
import { stopAgentEffect } from '../../effects/stop-agent.ts'
import { evidenceSigner } from '../../evidence/evidence-signer.ts'
import { writeEvidence } from '../../evidence/write-evidence.ts'
import { localForge } from '../../forge/local-forge.ts'
import type { Clock } from '../../platform/clock.ts'
import { ringDoorbell } from '../../platform/ring-doorbell.ts'
import { redactorOf } from '../../platform/secrets/redactor-of.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { judgePlan } from '../../policy/judge-plan.ts'
import { restoresTests, tamperingMode } from '../../policy/judge-tampering.ts'
import { judgeWork } from '../../policy/judge-work.ts'
import { ensureMirror } from '../../workspace/ensure-mirror.ts'
import { measureWork } from '../../workspace/measure-work.ts'
import { prepareWorkspace } from '../../workspace/prepare-workspace.ts'
import { pushBranch, reconcilePush } from '../../workspace/push.ts'
import { releaseWorkspace } from '../../workspace/release-workspace.ts'
import { trialMerge } from '../../workspace/trial-merge.ts'
import { agentSandbox } from './agent-sandbox.ts'
import { checkCommit } from './check-commit.ts'
import { evidencePorts } from './evidence-ports.ts'
import { knownSecrets } from './known-secrets.ts'
import { lendLogins } from './lend-logins.ts'
import { rememberedChange } from './remembered-change.ts'
import { runSetup } from './run-setup.ts'
import { scanWork } from './scan-work.ts'

export interface EffectParts {
  readonly manifest: CompiledManifest
  readonly layout: StateLayout
  readonly clock: Clock
  readonly store: Store
  readonly owner: Owner
  readonly keepers: KeeperPort
  readonly board: Board
  readonly ledger: Ledger
  readonly programOf: RunAgentPorts['programOf']
}

/** Every effect of tasks and reviews, wired to this process's adapters. */
export const taskEffects = (parts: EffectParts): EffectDefinition[] => {
  const { manifest, layout, clock, store, owner, keepers, board, ledger, programOf } = parts
  const repository: RepositoryPort = {
    layout,
    owner: owner.incarnation,
    repo: (key) => {
      const repo = manifest.repos[key]
      if (repo !== undefined) return repo
      throw new EffectFailure({ class: 'invalid_task', reason: `repository "${key}" is not in the manifest` })
    },
  }
  const writer = owner.incarnation
  const ring = (lane: string): void => ringDoorbell(layout.doorbell(lane))
  const forge = localForge({ records: store, repos: manifest.repos, writer })
  const forgeOf = () => forge
  const policy = { repo: repository.repo, policy: manifest.policy }
  const contained = { manifest, ...repository }
  const check = checkCommit(contained)
  const secrets = knownSecrets(manifest, clock)
  const redact = async (text: string): Promise<string> =>
    redactorOf((await secrets()).known.map(({ value }) => value))(text)
  const content = { changedBlobs: rememberedChange() }
  const git = { ...repository, ensureMirror }
  const running = {
    manifest,
    clock,
    keepers,
    ledger,
    agentTypeOf: agentType,
    judgeRun,
    classifyRun,
    login: lendLogins(layout, clock),
    sandbox: agentSandbox(manifest, layout),
    starts: agentStarts(),
  }
  return [
    planEffect(manifest),
    judgePlanEffect({ ...policy, judgePlan }),
    judgeWorkEffect({
      ...policy,
      ...content,
      layout,
      judgeWork,
      tamperingMode,
      restoresTests,
      findTampering: judgeWithinLimits,
    }),
    admitRunEffect(running),
    prepareWorkspaceEffect({ ...git, prepareWorkspace, runSetup: runSetup(contained) }),
    runAgentEffect({
      ...running,
      layout,
      composePrompt,
      unsupportedRequest,
      findQuestion,
      programOf,
    }),
    stopAgentEffect(running),
    measureWorkEffect({ ...repository, measureWork }),
    runChecksEffect({ checkCommit: check, noteChecks, records: store, writer }),
    scanSecretsEffect({ scan: scanWork({ ...repository, ...content, secrets, isUsed: isUsedIn(manifest) }) }),
    publishBranchEffect({ ...repository, pushBranch, reconcilePush }),
    openPullEffect({
      forgeOf,
      redact,
      anchorHash: async () => (await store.latestAnchor())?.hash ?? null,
    }),
    readBackEffect({ forgeOf }),
    recordAttemptEffect({
      layout,
      ledger,
      writeEvidence,
      signer: evidenceSigner(loadOrCreateKeys(layout.keys)),
      ...evidencePorts({ manifest, layout, store, secrets }),
    }),
    releaseWorkspaceEffect({ ...repository, releaseWorkspace }),
    judgePullEffect({ readPull: (_repo, pullId) => forge.readPull(pullId) }),
    checkMergeEffect({ ...git, trialMerge, checkCommit: check }),
    mergePullEffect({ forgeOf }),
    moveTaskEffect({ board, writer, ring }),
    commentEffect({ board, forge, writer, redact }),
    addTaskEffect({ board, writer, ring }),
  ] as EffectDefinition[]
}
