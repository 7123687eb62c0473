import { test } from 'vitest'

/** OC_CHAOS=full asks for every round there is; without it a few stand for all. */
export const isFull = process.env.OC_CHAOS === 'full'

/** One round. Side by side only in the full run, whose command says how many at once (`--maxConcurrency`). */
export const round = isFull ? test.concurrent : test
