/** The event of an inbox row that only starts an actor; a row with another event starts it and then delivers it. */
export const START_EVENT = 'xstate.init'
