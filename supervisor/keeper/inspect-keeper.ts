import { z } from 'zod'
import { Instant } from '../../src/contracts/instant.ts'
import { KeeperExit } from '../../src/contracts/keeper.ts'
import { type IdentityProof, ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { readJsonFile } from '../../src/platform/atomic-file.ts'
import { proveIdentity } from '../../src/platform/process-identity.ts'
import { isProvedDead } from './is-proved-dead.ts'
import { keeperFiles } from './keeper-files.ts'

/** keeper.json: who the keeper of this folder is and what it takes to end it and its agent; written once, by itself. */
export const KeeperSelf = z.object({
  protocol: z.string(),
  identity: ProcessIdentity,
  mark: z.string(),
  agentMark: z.string().min(16),
  stopGraceMs: z.number().nonnegative(),
  at: Instant,
})
export type KeeperSelf = z.infer<typeof KeeperSelf>

/** What is known of one keeper right now. */
export type KeeperFacts =
  /** No keeper has ever taken this folder: starting one is safe, unless one is on its way (see startKeeper). */
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly self: KeeperSelf; readonly proof: IdentityProof }
  | { readonly state: 'exited'; readonly exit: KeeperExit }
  /** The keeper is proved gone and left no record: its agent may still live (see endLostAgent). */
  | { readonly state: 'lost'; readonly self: KeeperSelf | null; readonly message: string }

/** Reads a keeper's folder and proves what it says; changes nothing. An unreadable record is no record. */
export const inspectKeeper = (dir: string): KeeperFacts => {
  const files = keeperFiles(dir)
  const self = readJsonFile(files.self, KeeperSelf)
  if (!self.ok) {
    return self.reason === 'missing'
      ? { state: 'absent' }
      : (readExit(files.exit) ?? { state: 'lost', self: null, message: self.message })
  }
  const proof = proveIdentity(self.value.identity)
  // The record is looked for after the proof: a keeper that ended in between has written it by now.
  const exited = readExit(files.exit)
  if (exited !== null) return exited
  return isProvedDead(proof)
    ? {
        state: 'lost',
        self: self.value,
        message: `the keeper of ${dir} is gone and left no usable exit record`,
      }
    : { state: 'running', self: self.value, proof }
}

const readExit = (path: string): { state: 'exited'; exit: KeeperExit } | null => {
  const exit = readJsonFile(path, KeeperExit)
  return exit.ok ? { state: 'exited', exit: exit.value } : null
}
