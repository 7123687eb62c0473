import { refusalHindrance } from './judge-trial.ts'
import { runCandidate } from './run-candidate.ts'
import type { Candidate, Found, Place } from './trial.ts'

/** Its model's service refuses every request: it has to end, and not as a success. */
export const tryRefusal = async (candidate: Candidate, place: Place): Promise<Found> => {
  const seen = await runCandidate(candidate, place, 'refuse', { prompt: 'Say hello.\n', resume: null })
  const failed = refusalHindrance(seen, candidate.type.capabilities)
  if (failed !== null) return { failed, notes: [] }
  const looksLike = seen.judged.failure?.class ?? 'no failure at all'
  return { failed, notes: looksLike === 'auth' ? [] : [`a refused key looks like ${looksLike}`] }
}
