import { describe, expect, test } from 'vitest'
import { judgeMove, MOVES, type MoveActor, type MoveFacts } from '../../src/board/moves.ts'
import { BOARD_STATES } from '../../src/contracts/task.ts'

const ALL: readonly MoveFacts[] = BOARD_STATES.flatMap((from) =>
  BOARD_STATES.flatMap((to) =>
    (['person', 'lane', 'supervisor'] as const).map((actor) => ({
      from,
      to,
      actor,
      reason: 'because',
      phase: to === 'Review' ? ('human' as const) : null,
      holdsLease: actor === 'lane',
      attemptStopped: true,
    })),
  ),
)
const without: Readonly<Record<string, Partial<MoveFacts>>> = {
  reason: { reason: ' ' },
  lease: { holdsLease: false },
  attempt_stopped: { attemptStopped: false },
  phase: { phase: null },
}

describe('the table of moves', () => {
  test('has each move once', () => {
    const names = MOVES.map(({ from, to, actor }) => `${from} ${to} ${actor}`)
    expect(new Set(names).size).toBe(names.length)
  })

  test('with all guards met, exactly the table is legal', () => {
    for (const facts of ALL) {
      const inTable = MOVES.some(
        (move) => move.from === facts.from && move.to === facts.to && move.actor === facts.actor,
      )
      expect({ ...facts, legal: judgeMove(facts).legal }).toEqual({ ...facts, legal: inTable })
    }
  })

  test('every guard of every row says no by itself', () => {
    for (const move of MOVES) {
      const facts = ALL.find(
        ({ from, to, actor }) => from === move.from && to === move.to && actor === move.actor,
      ) as MoveFacts
      for (const guard of move.guards) {
        expect({ move, guard, legal: judgeMove({ ...facts, ...without[guard] }).legal }).toEqual({
          move,
          guard,
          legal: false,
        })
      }
    }
  })

  test('nobody leaves Running while an agent may live, unless work goes on to Review, Done or Blocked by its lane', () => {
    const alive = ALL.filter(({ from }) => from === 'Running').map((facts) => ({
      ...facts,
      attemptStopped: false,
    }))
    const legal = alive.filter((facts) => judgeMove(facts).legal).map(({ to, actor }) => `${actor} ${to}`)
    expect(legal.sort()).toEqual(['lane Blocked', 'lane Done', 'lane Review'])
  })

  test('only a lane claims, and nothing leads back from Done or Cancelled', () => {
    const who = (matches: (facts: MoveFacts) => boolean): MoveActor[] => [
      ...new Set(ALL.filter((facts) => matches(facts) && judgeMove(facts).legal).map(({ actor }) => actor)),
    ]
    expect(who(({ to }) => to === 'Running')).toEqual(['lane'])
    expect(who(({ from }) => from === 'Done' || from === 'Cancelled')).toEqual([])
  })

  test('a refusal says which guard', () => {
    const blocked = ALL.find(
      ({ from, to, actor }) => from === 'Ready' && to === 'Blocked' && actor === 'lane',
    )
    expect(judgeMove({ ...(blocked as MoveFacts), reason: '' })).toEqual({
      legal: false,
      why: 'Ready to Blocked: it needs a reason',
    })
    expect(judgeMove({ ...(blocked as MoveFacts), from: 'Done' })).toEqual({
      legal: false,
      why: 'a lane may not move a task from Done to Blocked',
    })
    expect(judgeMove({ ...(blocked as MoveFacts), phase: 'human' })).toEqual({
      legal: false,
      why: 'Blocked has no phase',
    })
  })
})
