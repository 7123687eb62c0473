import type { judgeWithinLimits } from '../checks/tampering/judge-within-limits.ts'
import { EFFECT_IO, type EffectInput } from '../contracts/effect-io.ts'
import type { TamperingReport } from '../contracts/tampering.ts'
import { defineEffect } from '../durable/effect.ts'
import type { StateLayout } from '../platform/state-layout.ts'
import type { restoresTests, tamperingMode } from '../policy/judge-tampering.ts'
import type { judgeWork } from '../policy/judge-work.ts'
import type { changedBlobs } from '../workspace/changed-blobs.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'
import type { PolicyPort } from './policy-port.ts'

export interface JudgeWorkPorts extends PolicyPort {
  readonly layout: StateLayout
  readonly judgeWork: typeof judgeWork
  readonly tamperingMode: typeof tamperingMode
  readonly restoresTests: typeof restoresTests
  readonly changedBlobs: typeof changedBlobs
  readonly findTampering: typeof judgeWithinLimits
}

/** The policy's word on what was really changed, and on what the change does to what judges it. */
export const judgeWorkEffect = (ports: JudgeWorkPorts) =>
  defineEffect({
    name: 'judgeWork',
    ...EFFECT_IO.judgeWork,
    reconcile: neverHappened,
    perform: (_context, input) =>
      knownFailure(async () => {
        const { proposal, measurement, lane } = input
        const tampering = await readTampering(ports, input)
        const { policy } = ports
        return ports.judgeWork(proposal, measurement, {
          repo: ports.repo(proposal.repo),
          policy,
          lane,
          tampering,
        })
      }),
  })

/** Nothing is read where nobody asks: the contents of a change cost two git commands. */
const readTampering = async (
  ports: JudgeWorkPorts,
  { proposal, measurement }: EffectInput<'judgeWork'>,
): Promise<TamperingReport> => {
  const repo = ports.repo(proposal.repo)
  const asked = { repo, policy: ports.policy }
  const { commit } = measurement
  if (commit === null || (ports.tamperingMode(asked) === 'off' && !ports.restoresTests(asked)))
    return { found: [], judges: [] }
  const mirror = ports.layout.mirror(repo.key)
  const files = measurement.changed.status === 'KNOWN' ? measurement.changed.files : []
  const { blobs } = await ports.changedBlobs({ mirror, from: commit.baseSha, to: commit.sha, files })
  return ports.findTampering(
    blobs,
    repo.checks.map(({ run }) => run),
  )
}
