import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '../contracts/process-identity.ts'
import { ProcessIntent, type ProcessRegistration } from '../contracts/registration.ts'
import { readJsonFile } from './atomic-file.ts'
import { parseStat } from './linux-processes.ts'
import { processTable } from './process-table.ts'

/** The file an intent is written to, before its process exists. */
export const INTENT_FILE = 'intent.json'
/** The file the process writes itself into: its line of /proc/PID/stat, or its pid alone where there is no /proc. */
export const IDENTITY_FILE = 'identity'

/**
 * Every registration under `dir`, half-written ones too (their identity is null: the process never ran, or died before
 * it wrote). A folder without an intent never had a process and is left out.
 * @throws Error naming the file when an intent is there but is not one.
 */
export const readRegistrations = (dir: string): ProcessRegistration[] =>
  folders(dir).flatMap((name) => {
    const folder = join(dir, name)
    const intent = readJsonFile(join(folder, INTENT_FILE), ProcessIntent)
    if (intent.ok)
      return [{ intent: intent.value, identity: readIdentity(folder, intent.value), dir: folder }]
    if (intent.reason === 'missing') return []
    throw new Error(
      `registration ${intent.message}; find out whether the process it names still runs, then remove ${folder}`,
    )
  })

/** Removes a registration. Only for a process that is proved gone together with everything it started. */
export const forgetRegistration = (registration: ProcessRegistration): void => {
  // The intent first: what is left after a crash between the two is a folder that names no process.
  rmSync(join(registration.dir, INTENT_FILE), { force: true })
  rmSync(registration.dir, { recursive: true, force: true })
}

/**
 * Removes what crashes left between making a registration's folder and writing its intent, or the other way round: such
 * folders name no process. Only while nobody starts processes here.
 */
export const forgetNameless = (dir: string): void => {
  for (const name of folders(dir)) {
    const folder = join(dir, name)
    if (!existsSync(join(folder, INTENT_FILE))) rmSync(folder, { recursive: true, force: true })
  }
}

/** What the process wrote of itself; null while that is missing or incomplete. */
export const readIdentity = (dir: string, intent: ProcessIntent): ProcessIdentity | null => {
  const line = readOrEmpty(join(dir, IDENTITY_FILE))
  // The line break is written last, so a line without one is not whole.
  if (!line.endsWith('\n')) return null
  // The intent was written in the boot its process started in.
  const { bootId } = intent.at
  const entry = parseStat(line)
  if (entry !== null) return { pid: entry.pid, startTicks: entry.startTicks, bootId }
  const pid = Number(line)
  if (!Number.isSafeInteger(pid) || pid <= 0) return null
  // A bare pid may have been given away since: only the mark tells that it is still this process.
  if (processTable.marks([pid]).get(pid) !== intent.mark) return null
  const found = processTable.read(pid)
  return 'entry' in found && found.entry !== null ? { pid, startTicks: found.entry.startTicks, bootId } : null
}

const folders = (dir: string): string[] => {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const readOrEmpty = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
