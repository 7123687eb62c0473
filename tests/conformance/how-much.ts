import { withAgentClis } from '../support/agent-clis.ts'

/** OC_CONFORMANCE=full asks for every scenario there is; without it a few stand for all. */
export const isFull = process.env.OC_CONFORMANCE === 'full'

/** One run of a real agent. Side by side only in the full run, whose command says how many at once (`--maxConcurrency`). */
export const realRun = isFull ? withAgentClis.concurrent : withAgentClis
