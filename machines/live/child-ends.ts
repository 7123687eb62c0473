/** What an exit leads to, wherever it happens. */
export const EXITED = [
  {
    guard: 'goesAbsent',
    target: '#child.absent',
    actions: ['noteReason', { type: 'report', params: { context: 'child_terminated', decision: 'none' } }],
  },
  {
    guard: 'finishes',
    target: '#child.finished',
    actions: [
      'noteReason',
      { type: 'report', params: { context: 'child_terminated', decision: 'finished' } },
    ],
  },
  {
    guard: 'isQuarantined',
    target: '#child.quarantined',
    actions: [
      'noteReason',
      'noteVerdict',
      { type: 'report', params: { context: 'quarantined', decision: 'wait for the slow retry or a person' } },
    ],
  },
  {
    guard: 'startsAgain',
    target: '#child.starting',
    // A start that fails comes from this very state, and must enter it anew.
    reenter: true,
    actions: [
      'noteReason',
      'countRestart',
      { type: 'report', params: { context: 'child_terminated', decision: 'restart now' } },
    ],
  },
  {
    target: '#child.backingOff',
    actions: [
      'noteReason',
      'noteVerdict',
      { type: 'report', params: { context: 'backoff', decision: 'restart when due' } },
    ],
  },
] as const

/** What an asked end leads to while a process lives. */
export const END_ASKED = {
  target: '#child.stopping',
  actions: [
    'noteAsked',
    'noteReason',
    { type: 'report', params: { context: 'child_stopping', decision: 'end it' } },
    'end',
  ],
} as const
