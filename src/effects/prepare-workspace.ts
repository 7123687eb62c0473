import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { ensureMirror } from '../workspace/ensure-mirror.ts'
import type { prepareWorkspace } from '../workspace/prepare-workspace.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'
import { effectProcess, type RepositoryPort } from './repository-port.ts'

export interface PrepareWorkspacePorts extends RepositoryPort {
  readonly ensureMirror: typeof ensureMirror
  readonly prepareWorkspace: typeof prepareWorkspace
  /** Runs one setup command, contained. */
  readonly runSetup: (
    repo: string,
    command: string,
    cwd: string,
    effectId: string,
  ) => Promise<{ passed: boolean; excerpt: string }>
}

/** Brings the mirror up to date and makes the attempt's own clone; a finished one is answered as it was. */
export const prepareWorkspaceEffect = (ports: PrepareWorkspacePorts) =>
  defineEffect({
    name: 'prepareWorkspace',
    ...EFFECT_IO.prepareWorkspace,
    reconcile: neverHappened,
    perform: (context, input) =>
      knownFailure(async () => {
        const repo = ports.repo(input.repo)
        const mirror = ports.layout.mirror(repo.key)
        const effect = effectProcess(ports, context.effectId)
        await ports.ensureMirror({ url: repo.url, mirror, effect })
        return ports.prepareWorkspace({
          attemptId: input.attemptId,
          mirror,
          workspacesDir: ports.layout.workspaces,
          baseBranch: input.baseBranch,
          revision: input.revision,
          restore: input.restore && { ...input.restore, savedDir: ports.layout.saved },
          effect,
          setup: repo.setup,
          runSetup: (command, cwd) => ports.runSetup(repo.key, command, cwd, context.effectId),
        })
      }),
  })
