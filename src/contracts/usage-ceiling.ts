/**
 * More than any run uses up. What an agent tells is its own claim: a figure beyond this is none, and no sum of claims
 * goes further, so that what we keep stays whole numbers.
 */
export const MOST_TOKENS = 1e12
export const MOST_USD = 1e6
