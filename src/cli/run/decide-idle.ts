/** What `run --until-idle` looks at, all of it read from the journal. */
export interface IdleFacts {
  /** Whether a lane that is on could claim a task now. */
  readonly eligible: boolean
  /** Actors that are at work or will be by themselves: an effect, a retry, a back-off, a recheck. */
  readonly moving: number
  /** Whether events wait that nobody has handled yet. */
  readonly waitingEvents: boolean
  /** Open gates and unanswered questions. */
  readonly people: number
  /** For how long nothing but people has been missing, in ms. */
  readonly waitingForPeopleMs: number
  readonly waitForPeopleMs: number
}

export type IdleDecision = 'working' | 'waiting_for_people' | 'idle'

/** Whether a run that ends when idle may end. Services and periodic scans are not among the facts: they never count. */
export const decideIdle = (facts: IdleFacts): IdleDecision => {
  if (facts.eligible || facts.moving > 0 || facts.waitingEvents) return 'working'
  if (facts.people === 0) return 'idle'
  return facts.waitingForPeopleMs < facts.waitForPeopleMs ? 'waiting_for_people' : 'idle'
}

/** How the tasks stand that this run claimed, adopted or resumed. */
export interface RunTally {
  readonly done: number
  readonly blocked: number
  readonly waitingForPeople: number
  /** Neither done nor stopped: put off, or no lane that is on goes on with it. */
  readonly unfinished: number
}

/** The exit code of `run --until-idle`: 3 if any task is Blocked, else 10 if any waits, for a person or to be gone on with, else 0. */
export const decideRunExit = (tally: RunTally): 0 | 3 | 10 => {
  if (tally.blocked > 0) return 3
  return tally.waitingForPeople + tally.unfinished > 0 ? 10 : 0
}
