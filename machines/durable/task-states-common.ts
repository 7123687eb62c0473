/** What a person may ask of a task at any time; one of these is spread into every state that waits and is not final. */

const stop = { target: 'stopping', actions: 'noteEnding' } as const
const leave = { target: 'leaving', actions: 'noteEnding' } as const
const note = { actions: 'noteEnding' } as const

/** While no attempt is open: the task can be left at once. */
export const leavable = { CANCEL: leave, MOVED: leave, MOVE: leave } as const

/** While an attempt is open: its agent is stopped and proved dead first. */
export const stoppable = { CANCEL: stop, MOVED: stop, MOVE: stop } as const

/** A card that was moved back may be claimed again before what went on is over; the claim waits until then. */
const claim = { CLAIMED: { guard: 'isMoved', actions: 'noteClaim' } } as const

/** While an attempt is ending anyway: the wish is honoured once it is recorded and released. */
export const endingNoted = { CANCEL: note, MOVED: note, MOVE: note, ...claim } as const

const whileWaiting = [{ guard: 'attemptEnds', ...note }, { guard: 'attemptOpen', ...stop }, leave] as const

/** While an effect of any of these waits to be tried again. */
export const leavableWhileWaiting = {
  CANCEL: whileWaiting,
  MOVED: whileWaiting,
  MOVE: whileWaiting,
  ...claim,
} as const
