import type { PolicyConfig } from '../contracts/compiled-manifest.ts'
import type { RepositoryPort } from './repository-port.ts'

/** What judging needs beside the facts. */
export interface PolicyPort extends Pick<RepositoryPort, 'repo'> {
  readonly policy: PolicyConfig
}
