/**
 * A child as a lane is one: `node loop-child.ts`, started by a supervisor or a test. Its doorbell is the word it takes:
 * `hang` turns for ever, `done` ends; anything else is one turn.
 */
import { readFileSync } from 'node:fs'
import { systemClock } from '../../../src/platform/clock.ts'
import { createBell } from '../../../supervisor/child-side/bell.ts'
import { readChildContext } from '../../../supervisor/child-side/read-child-context.ts'
import { runWorkLoop } from '../../../supervisor/child-side/work-loop.ts'

const context = readChildContext(process.env)
const doorbell = context.layout.doorbell(context.child)
const bell = createBell(systemClock)
process.on('SIGTERM', () => bell.ring('SIGTERM'))

const word = (): string => {
  try {
    return readFileSync(doorbell, 'utf8')
  } catch {
    return ''
  }
}

await runWorkLoop({
  context,
  clock: systemClock,
  heartbeatEveryMs: 50,
  bell,
  watch: [doorbell],
  head: () => ({ stream: `lane-${context.child}`, version: 0, hash: '0'.repeat(64) as never }),
  onLongTurn: (ms) => process.stderr.write(`long turn: ${Math.round(ms)}\n`),
  turn: async (wake) => {
    const said = word()
    while (said === 'hang') {}
    const done = said === 'done' || (wake.why === 'event' && wake.sources.includes('SIGTERM'))
    return { doing: 'idle', detail: said, progress: null, wakeInMs: null, done }
  },
})
