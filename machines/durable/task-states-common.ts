/** What a person may ask of a task at any time; spread into every state that is not final. */

/** The task can be left: an open attempt is stopped first. */
const leave = [
  { guard: 'attemptOpen', target: 'stopping', actions: 'noteEnding' },
  { target: 'leaving', actions: 'noteEnding' },
] as const

/** Where nothing stands in the way of the end but an attempt. */
export const leavable = { CANCEL: leave, MOVED: leave } as const

/** Where the attempt is ending anyway: the wish is noted and honoured once it is recorded and released. */
export const endingNoted = { CANCEL: { actions: 'noteEnding' }, MOVED: { actions: 'noteEnding' } } as const
