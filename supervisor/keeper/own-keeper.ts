import type { IncarnationId } from '../../src/contracts/ids.ts'
import type { KeeperOwner } from '../../src/contracts/keeper.ts'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { writeJsonAtomic } from '../../src/platform/atomic-file.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { keeperFiles } from './keeper-files.ts'

/** One life of whoever answers for a keeper: a lane, or the supervisor in its stead. */
export interface KeeperHolder {
  readonly incarnation: IncarnationId
  readonly identity: ProcessIdentity
}

/**
 * Tells a keeper who answers for it from now on. Once per life of an owner: as long as that process lives, the keeper
 * does not count down to its orphan timeout.
 */
export const ownKeeper = (dir: string, owner: KeeperHolder, clock: Clock): void => {
  const record: KeeperOwner = { ...owner, at: clock.now() }
  writeJsonAtomic(keeperFiles(dir).owner, record)
}
