import { readFileSync } from 'node:fs'
import type { ProcessIdentity } from '../../src/contracts/process-identity.ts'
import { endProcess } from '../../src/platform/end-process.ts'
import { parseStat } from '../../src/platform/linux-processes.ts'
import type { KeeperSelf } from './inspect-keeper.ts'
import { keeperFiles } from './keeper-files.ts'

/**
 * Ends the agent that a killed keeper left behind, by its identity and its mark, and proves it gone. Only for a keeper
 * that is itself proved gone.
 */
export const endLostAgent = (dir: string, keeper: KeeperSelf): Promise<'gone' | 'survived'> =>
  endProcess(
    { identity: readAgentIdentity(dir, keeper), mark: keeper.agentMark },
    { graceMs: keeper.stopGraceMs },
  )

/**
 * Who the agent of this folder is or was. Null where it never came to run, and where the system has no /proc: a bare
 * pid may be somebody else's by now, so there the mark alone decides.
 */
const readAgentIdentity = (dir: string, keeper: KeeperSelf): ProcessIdentity | null => {
  const line = readOrEmpty(keeperFiles(dir).agentIdentity)
  const entry = line.endsWith('\n') ? parseStat(line) : null
  return entry && { pid: entry.pid, startTicks: entry.startTicks, bootId: keeper.identity.bootId }
}

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
