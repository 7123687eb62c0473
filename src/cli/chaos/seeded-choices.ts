/** Choices that look random and are the same for the same seed. */
export interface Choices {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
}

/** mulberry32: small, and good enough to choose whom to kill. */
export const seededChoices = (seed: number): Choices => {
  let state = seed >>> 0
  return {
    below: (limit) => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
    },
  }
}
