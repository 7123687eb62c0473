import { join } from 'node:path'

/** The files of one keeper's folder, `keepers/<attempt>/`. The folder belongs to one keeper for good. */
export const keeperFiles = (dir: string) => ({
  dir,
  /** KeeperSpec, written by the owner before the keeper starts. */
  spec: join(dir, 'spec.json'),
  /** KeeperOwner, replaced by whoever answers for the keeper now. */
  owner: join(dir, 'owner.json'),
  /** KeeperControl, written by the owner to ask for a stop. */
  control: join(dir, 'control.json'),
  /** KeeperSelf, written once by the keeper; whoever finds it there already must not run a second agent. */
  self: join(dir, 'keeper.json'),
  /** The agent's own line of /proc/PID/stat, written before its first instruction. */
  agentIdentity: join(dir, 'agent.identity'),
  stdout: join(dir, 'stdout.ndjson'),
  stderr: join(dir, 'stderr.txt'),
  /** KeeperExit, written last. */
  exit: join(dir, 'exit.json'),
  /** The keeper's own words; empty unless something is wrong. */
  log: join(dir, 'keeper.log'),
})

export type KeeperFiles = ReturnType<typeof keeperFiles>

/**
 * Prefix of the keeper's own environment under which the agent's secrets travel: the keeper strips it and hands them
 * on. So secrets stand in no file, not even in the keeper's spec.
 */
export const SECRET_PREFIX = 'OC_SUPERVISE_SECRET_'
