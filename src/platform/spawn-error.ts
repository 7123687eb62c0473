/** A process could not be started at all; nothing of it is left behind. The message says which, why and what to do. */
export class SpawnError extends Error {
  override readonly name = 'SpawnError'
}
