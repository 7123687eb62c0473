/** What an effect may do to the outside only while its actor is still held by whoever started it. */
export interface Fence {
  readonly actor: string
  readonly token: number
  /** @throws StaleOwnerError when the actor was taken over; call immediately before each outward call. */
  check(): Promise<void>
}
