import { test } from 'vitest'
import { withAgentClis } from '../support/agent-clis.ts'

/** OC_CONFORMANCE=full asks for every scenario there is; without it a few stand for all. */
export const isFull = process.env.OC_CONFORMANCE === 'full'

/** One run of a real agent. Side by side only in the full run, whose command says how many at once (`--maxConcurrency`). */
export const realRun = isFull ? withAgentClis.concurrent : withAgentClis

/** A run that takes too long to stand for others: in the full run only. */
export const longRun = isFull ? withAgentClis : test.skip
