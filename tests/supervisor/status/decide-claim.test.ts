import { describe, expect, test } from 'vitest'
import { CLAIMS, type Claim, Terminal } from '../../../src/contracts/status.ts'
import { decideRunClaim, type RunClaimFacts } from '../../../supervisor/status/claim-of-run.ts'
import {
  CLAIM_EXIT,
  type ClaimFacts,
  decideClaim,
  exitCodeOf,
  nagiosExitOf,
} from '../../../supervisor/status/decide-claim.ts'

const BOTH = [false, true]
const PROOFS = ['proved', 'unproven', 'gone'] as const

/** Every combination of facts. */
const ALL: ClaimFacts[] = BOTH.flatMap((recorded) =>
  BOTH.flatMap((cleanStop) =>
    PROOFS.flatMap((supervisor) =>
      [0, 2].flatMap((survivors) =>
        [0, 1].flatMap((unprovenChildren) =>
          BOTH.flatMap((paused) =>
            [0, 3].flatMap((active) =>
              [0, 1].map((waiting) => ({
                recorded,
                cleanStop,
                supervisor,
                survivors,
                unprovenChildren,
                paused,
                active,
                waiting,
              })),
            ),
          ),
        ),
      ),
    ),
  ),
)

/** The contract once more, in the order in which a person would ask. */
const expected = (facts: ClaimFacts): [row: string, claim: Claim] => {
  if (!facts.recorded) return ['a', 'snapshot_only']
  const alive = facts.supervisor !== 'gone' || facts.survivors > 0
  if (!alive) return facts.cleanStop ? ['b', 'terminal_observed'] : ['a', 'snapshot_only']
  if (facts.supervisor === 'gone' || facts.supervisor === 'unproven') return ['c', 'attachment_unproven']
  if (facts.cleanStop || facts.unprovenChildren > 0) return ['d', 'attachment_unproven']
  if (facts.paused) return ['e', 'waiting_state_observed']
  return facts.active === 0 && facts.waiting > 0 ? ['e', 'waiting_state_observed'] : ['f', 'live_attached']
}

describe('the claim about the tree', () => {
  test('over all combinations the table says what the contract says', () => {
    expect(ALL).toHaveLength(384)
    for (const facts of ALL) {
      const [row, claim] = expected(facts)
      expect({ facts, ...decideClaim(facts) }).toEqual({ facts, row, claim })
    }
  })

  test('live is only said with a proved supervisor and no child in doubt', () => {
    for (const facts of ALL.filter((each) => decideClaim(each).claim === 'live_attached')) {
      expect(facts).toMatchObject({
        recorded: true,
        cleanStop: false,
        supervisor: 'proved',
        unprovenChildren: 0,
      })
    }
  })

  test('an end is never seen while anything lives', () => {
    for (const facts of ALL.filter((each) => decideClaim(each).claim === 'terminal_observed')) {
      expect(facts).toMatchObject({ cleanStop: true, supervisor: 'gone', survivors: 0 })
    }
  })
})

describe('the claim about one run', () => {
  const states = ['active', 'waiting', 'ended', 'unknown'] as const
  const keepers = [...PROOFS, 'none'] as const
  const all: RunClaimFacts[] = states.flatMap((state) =>
    PROOFS.flatMap((owner) => keepers.map((keeper) => ({ state, owner, keeper }))),
  )

  const wanted = ({ state, owner, keeper }: RunClaimFacts): Claim | null => {
    if (state === 'unknown') return null
    if (state === 'ended') return 'terminal_observed'
    const keeperLives = keeper === 'proved' || keeper === 'unproven'
    if (owner === 'gone') return keeperLives ? 'attachment_unproven' : 'snapshot_only'
    if (owner === 'unproven') return 'attachment_unproven'
    if (state === 'waiting') return 'waiting_state_observed'
    return keeper === 'proved' || keeper === 'none' ? 'live_attached' : 'attachment_unproven'
  }

  test('over all combinations', () => {
    expect(all).toHaveLength(48)
    for (const facts of all)
      expect({ facts, claim: decideRunClaim(facts) }).toEqual({ facts, claim: wanted(facts) })
  })
})

describe('exit codes', () => {
  const claims = Object.keys(CLAIMS) as Claim[]

  test('are those of the contract', () => {
    expect(CLAIM_EXIT).toEqual(CLAIMS)
    expect(claims.map((claim) => exitCodeOf(claim, []))).toEqual([0, 10, 11, 12, 13])
  })

  test('--accept makes its claims 0 and no others', () => {
    expect(claims.map((claim) => exitCodeOf(claim, ['waiting']))).toEqual([0, 0, 11, 12, 13])
    expect(claims.map((claim) => exitCodeOf(claim, ['terminal']))).toEqual([0, 10, 11, 0, 13])
    expect(claims.map((claim) => exitCodeOf(claim, ['waiting', 'terminal']))).toEqual([0, 0, 11, 0, 13])
  })

  test('nagios', () => {
    expect(claims.map((claim) => nagiosExitOf(claim, 'passed', []))).toEqual([0, 1, 2, 0, 2])
    expect(Terminal.options.map((terminal) => nagiosExitOf('terminal_observed', terminal, []))).toEqual([
      0, 1, 2,
    ])
    expect(nagiosExitOf('terminal_observed', null, [])).toBe(2)
    expect(nagiosExitOf('terminal_observed', 'parked', ['terminal'])).toBe(0)
    expect(nagiosExitOf('waiting_state_observed', null, ['waiting'])).toBe(0)
  })
})
