import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import type { releaseWorkspace } from '../workspace/release-workspace.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'
import { effectProcess, type RepositoryPort } from './repository-port.ts'

export interface ReleaseWorkspacePorts extends RepositoryPort {
  readonly releaseWorkspace: typeof releaseWorkspace
}

/** Saves what an attempt left, proves it saved, then removes the workspace. */
export const releaseWorkspaceEffect = (ports: ReleaseWorkspacePorts) =>
  defineEffect({
    name: 'releaseWorkspace',
    ...EFFECT_IO.releaseWorkspace,
    reconcile: neverHappened,
    perform: (context, { attemptId }) =>
      knownFailure(() =>
        ports.releaseWorkspace({
          attemptId,
          nowMs: context.now.wallMs,
          workspacesDir: ports.layout.workspaces,
          savedDir: ports.layout.saved,
          effect: effectProcess(ports, context.effectId),
        }),
      ),
  })
