import { askVersion } from '../ask-version.ts'
import { inTrialFolders, type TrialOwner } from '../run-program.ts'
import type { Candidate, Found, Place, Trial, TrialLimits } from './trial.ts'
import { tryConversation } from './try-conversation.ts'
import { tryEnding } from './try-ending.ts'
import { tryRefusal } from './try-refusal.ts'

const LIMITS: TrialLimits = { endsMs: 90_000, asksMs: 45_000, graceMs: 5_000 }

/** In this order; the first that fails is the last that is done. */
const PARTS: ReadonlyArray<(candidate: Candidate, place: Place) => Promise<Found>> = [
  tryConversation,
  tryRefusal,
  tryEnding,
]

/**
 * Tries a program before the fleet uses it, offline and with a key that opens nothing: it starts and tells its version;
 * a whole conversation with a model of ours, which has it write a file, ends well and is counted right; its session can
 * be gone on with; refused by its model's service it ends, and not as a success; ended in the middle of a request, it
 * leaves nothing. Each part has an empty HOME and a folder the program never saw. A type whose model's address cannot
 * be set is only started.
 */
export const runTrial = async (
  candidate: Candidate,
  owner: TrialOwner,
  limits: TrialLimits = LIMITS,
): Promise<Trial> => {
  const { type, program } = candidate
  const asked = await inTrialFolders((folders) =>
    askVersion(folders, owner, [...program, ...type.versionArgs]),
  )
  const unknown = { notes: [], resumes: true }
  if (!asked.ok) return { version: null, failed: asked.why, ...unknown }
  let trial: Trial = { version: asked.version, failed: null, ...unknown }
  if (!type.keys.optional.includes('base_url')) return { ...trial, notes: ['only its start was tried'] }
  for (const part of PARTS) {
    const found = await inTrialFolders((folders) => part(candidate, { folders, owner, limits }))
    trial = { ...trial, ...found, notes: [...trial.notes, ...found.notes] }
    if (found.failed !== null) break
  }
  return trial
}
