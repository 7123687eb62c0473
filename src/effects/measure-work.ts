import { EFFECT_IO } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import { writeTextAtomic } from '../platform/atomic-file.ts'
import type { measureWork } from '../workspace/measure-work.ts'
import { attemptRecords } from './attempt-records.ts'
import { knownFailure } from './known-failure.ts'
import { neverHappened } from './never-happened.ts'
import type { RepositoryPort } from './repository-port.ts'

export interface MeasureWorkPorts extends RepositoryPort {
  readonly measureWork: typeof measureWork
}

/** Measures what an attempt changed and commits it with our own git; repeating it gives the same commit. */
export const measureWorkEffect = (ports: MeasureWorkPorts) =>
  defineEffect({
    name: 'measureWork',
    ...EFFECT_IO.measureWork,
    reconcile: neverHappened,
    perform: (_context, input) =>
      knownFailure(async () => {
        const measured = await ports.measureWork({
          attemptId: input.attemptId,
          mirror: ports.layout.mirror(input.repo),
          workspacesDir: ports.layout.workspaces,
          workspace: input.workspace,
          message: input.message,
          nowMs: input.nowMs,
        })
        writeTextAtomic(attemptRecords(ports.layout, input.attemptId).patch, measured.patch)
        return measured.measurement
      }),
  })
