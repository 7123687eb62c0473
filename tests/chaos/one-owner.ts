import { join } from 'node:path'
import { localBoard } from '../../src/board/local-board.ts'
import type { CompiledManifest } from '../../src/contracts/compiled-manifest.ts'
import type { EffectInput, EffectName } from '../../src/contracts/effect-io.ts'
import type { TaskId } from '../../src/contracts/ids.ts'
import { type EffectDefinition, StaleOwnerError } from '../../src/durable/effect.ts'
import { openSqliteStore } from '../../src/durable/sqlite/sqlite-store.ts'
import { commentEffect } from '../../src/effects/comment.ts'
import { judgePullEffect } from '../../src/effects/judge-pull.ts'
import { mergePullEffect } from '../../src/effects/merge-pull.ts'
import { moveTaskEffect } from '../../src/effects/move-task.ts'
import { openPullEffect } from '../../src/effects/open-pull.ts'
import { publishBranchEffect } from '../../src/effects/publish-branch.ts'
import type { RepositoryPort } from '../../src/effects/repository-port.ts'
import { localForge } from '../../src/forge/local-forge.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { failPoint } from '../../src/platform/fail-point.ts'
import { selfIdentity } from '../../src/platform/process-identity.ts'
import { newId } from '../../src/platform/random.ts'
import { sha256 } from '../../src/platform/sha256.ts'
import { stateLayout } from '../../src/platform/state-layout.ts'
import { pushBranch, reconcilePush } from '../../src/workspace/push.ts'

/** Where the owners of one task meet: one store, one remote, and a mirror in the layout of `dir`. */
export interface Meeting {
  readonly dir: string
  readonly remote: string
  readonly task: TaskId
}

export const layoutOf = ({ dir }: Meeting) => stateLayout(join(dir, 'state'))

/** One owner of the task on a host of this name, with the effects as lanes have them. */
export const takeOwnership = async (meeting: Meeting, host: string, ttlMs: number) => {
  const { task, remote } = meeting
  const layout = layoutOf(meeting)
  const store = await openSqliteStore({ path: layout.journal, clock: systemClock })
  const owner = { incarnation: newId('inc') as never, host, identity: selfIdentity() }
  const claimed = await store.claim(task, 'goal', owner, ttlMs)
  if (!claimed.ok) {
    await store.close()
    return null
  }
  const { token } = claimed.lease
  failPoint('owner.claimed')
  const check = async (): Promise<void> => {
    if (!(await store.checkFence(task, token))) throw new StaleOwnerError(task, token)
  }
  const writer = owner.incarnation
  const repo = { key: 'project', url: remote } as CompiledManifest['repos'][string]
  const repository: RepositoryPort = { layout, owner: owner.incarnation, repo: () => repo }
  const board = localBoard(store)
  const forge = localForge({ records: store, repos: { project: repo }, writer })
  const forgeOf = () => forge
  const effects = [
    publishBranchEffect({ ...repository, pushBranch, reconcilePush }),
    openPullEffect({ forgeOf, redact: async (text) => text, anchorHash: async () => null }),
    judgePullEffect({ readPull: (_repo, pullId) => forge.readPull(pullId) }),
    mergePullEffect({ forgeOf }),
    moveTaskEffect({ board, writer, ring: () => {} }),
    commentEffect({ board, forge, writer, redact: async (text) => text }),
  ] as unknown as EffectDefinition[]
  return {
    store,
    board,
    forge,
    /** Carries an effect out as after a crash: asks first whether it happened. */
    perform: async <N extends EffectName>(name: N, input: EffectInput<N>): Promise<unknown> => {
      const effect = effects.find((each) => each.name === name) as EffectDefinition
      const context = {
        effectId: `${task}/${sha256(JSON.stringify(input)).slice(0, 8)}/${name}`,
        actor: task,
        fence: { actor: task, token, check },
        signal: new AbortController().signal,
        now: systemClock.now(),
      }
      const answer = await effect.reconcile(context, effect.input.parse(input))
      return answer.happened ? answer.output : effect.perform(context, effect.input.parse(input))
    },
  }
}

export type Ownership = NonNullable<Awaited<ReturnType<typeof takeOwnership>>>
