/**
 * Evidence that is there already does not match what is to be written: it was altered, or other facts were recorded
 * under the same attempt. Nothing was overwritten. The message names the folder, what differs and what to do.
 */
export class EvidenceConflictError extends Error {
  override readonly name = 'EvidenceConflictError'
}
