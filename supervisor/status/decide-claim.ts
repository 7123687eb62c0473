import type { CLAIMS, Claim, Terminal } from '../../src/contracts/status.ts'

/** What proof there is of one process right now. `unproven`: it may live, but nothing says that it works. */
export type Proved = 'proved' | 'unproven' | 'gone'

/** Everything the claim depends on, each re-proved at read time. */
export interface ClaimFacts {
  /** False where it never ran, or where what it recorded cannot be read. */
  readonly recorded: boolean
  /** A clean stop was recorded after the last start. */
  readonly cleanStop: boolean
  readonly supervisor: Proved
  /** Registered processes other than the supervisor that are not proved gone. */
  readonly survivors: number
  /** Wanted children without the proof that their kind demands. */
  readonly unprovenChildren: number
  readonly paused: boolean
  /** Work in flight. */
  readonly active: number
  /** Work that waits for a person, evidence, quota or a window. */
  readonly waiting: number
}

export interface ClaimDecision {
  readonly row: 'a' | 'b' | 'c' | 'd' | 'e' | 'f'
  readonly claim: Claim
}

interface ClaimRow extends ClaimDecision {
  readonly when: (facts: ClaimFacts) => boolean
}

const nothingLives = (facts: ClaimFacts): boolean => facts.supervisor === 'gone' && facts.survivors === 0

/** The table of the status contract (docs/operating.md): the first row that holds decides. */
const ROWS: readonly ClaimRow[] = [
  {
    row: 'a',
    claim: 'snapshot_only',
    when: (facts) => !facts.recorded || (!facts.cleanStop && nothingLives(facts)),
  },
  { row: 'b', claim: 'terminal_observed', when: (facts) => facts.cleanStop && nothingLives(facts) },
  { row: 'c', claim: 'attachment_unproven', when: (facts) => facts.supervisor !== 'proved' },
  // A supervisor that has recorded its clean stop and still lives is on its way out: no longer attached.
  { row: 'd', claim: 'attachment_unproven', when: (facts) => facts.unprovenChildren > 0 || facts.cleanStop },
  {
    row: 'e',
    claim: 'waiting_state_observed',
    when: (facts) => facts.paused || (facts.active === 0 && facts.waiting > 0),
  },
  { row: 'f', claim: 'live_attached', when: () => true },
]

/** What may be said of the whole tree. */
export const decideClaim = (facts: ClaimFacts): ClaimDecision => {
  const { row, claim } = ROWS.find(({ when }) => when(facts)) as ClaimRow
  return { row, claim }
}

/** Exit codes of `status --exit-code`; the type ties them to the contract without loading its schemas (zod costs 100 ms). */
export const CLAIM_EXIT: typeof CLAIMS = {
  live_attached: 0,
  waiting_state_observed: 10,
  attachment_unproven: 11,
  terminal_observed: 12,
  snapshot_only: 13,
}

/** Groups of claims that a caller may call success with `--accept`. */
export type Accept = 'waiting' | 'terminal'

const ACCEPTS: Readonly<Record<Accept, Claim>> = {
  waiting: 'waiting_state_observed',
  terminal: 'terminal_observed',
}

const isAccepted = (claim: Claim, accept: readonly Accept[]): boolean =>
  accept.some((group) => ACCEPTS[group] === claim)

/** The exit code of a claim under `--exit-code`. */
export const exitCodeOf = (claim: Claim, accept: readonly Accept[]): number =>
  isAccepted(claim, accept) ? 0 : CLAIM_EXIT[claim]

/**
 * The exit code a Nagios-compatible monitor expects: 0 OK, 1 WARNING, 2 CRITICAL (3 UNKNOWN is for usage errors).
 * A deliberate stop is a warning: nothing broke, yet nothing runs.
 */
export const nagiosExitOf = (
  claim: Claim,
  terminal: Terminal | null,
  accept: readonly Accept[],
): 0 | 1 | 2 => {
  if (isAccepted(claim, accept)) return 0
  if (claim === 'terminal_observed') return TERMINAL_NAGIOS[terminal ?? 'parked']
  return CLAIM_NAGIOS[claim]
}

const CLAIM_NAGIOS: Readonly<Record<Exclude<Claim, 'terminal_observed'>, 0 | 1 | 2>> = {
  live_attached: 0,
  waiting_state_observed: 1,
  attachment_unproven: 2,
  snapshot_only: 2,
}

const TERMINAL_NAGIOS: Readonly<Record<Terminal, 0 | 1 | 2>> = { passed: 0, stopped: 1, parked: 2 }
