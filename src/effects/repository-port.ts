import type { RepoConfig } from '../contracts/compiled-manifest.ts'
import type { IncarnationId } from '../contracts/ids.ts'
import type { StateLayout } from '../platform/state-layout.ts'

/** Where repositories, mirrors and registrations are: what every git effect needs beside its input. */
export interface RepositoryPort {
  readonly layout: StateLayout
  readonly owner: IncarnationId
  /** @throws EffectFailure `invalid_task` for a repository the manifest does not name. */
  repo(key: string): RepoConfig
}

/** The process that an effect answers for, as registrations name it. */
export const effectProcess = (port: RepositoryPort, effectId: string) => ({
  subject: effectId,
  owner: port.owner,
  registrationsDir: port.layout.registrations,
})
