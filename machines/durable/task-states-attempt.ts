import { taskInputs } from './task-inputs.ts'
import { sayUnsaved } from './task-messages.ts'
import { taskSetup, tryAgain } from './task-setup.ts'
import { endingNoted, stoppable } from './task-states-common.ts'

/** One attempt from its workspace to its record: every way through ends in recording, then releasing. */
export const attemptStates = {
  preparing: taskSetup.createStateConfig({
    description: "Mirrors the repository, makes the attempt's own clone and runs the repository's setup.",
    invoke: {
      id: 'prepareWorkspace',
      src: 'prepareWorkspace',
      input: taskInputs.prepareWorkspace,
      onDone: { target: 'working', actions: 'keepWorkspace' },
      onError: [tryAgain('preparing'), { target: 'recording', actions: 'failByEffect' }],
    },
    on: stoppable,
  }),
  working: taskSetup.createStateConfig({
    description:
      'The agent works under its keeper. Trying again adopts the same keeper; giving up proves its agent dead first.',
    invoke: {
      id: 'runAgent',
      src: 'runAgent',
      input: taskInputs.runAgent,
      onDone: [
        { guard: 'agentCompleted', target: 'measuring', actions: 'keepOutcome' },
        { target: 'recording', actions: 'keepOutcome' },
      ],
      onError: [tryAgain('working'), { target: 'stopping', actions: 'failByEffect' }],
    },
    on: stoppable,
  }),
  measuring: taskSetup.createStateConfig({
    description: 'Measures what was really changed and commits it with our own git.',
    invoke: {
      id: 'measureWork',
      src: 'measureWork',
      input: taskInputs.measureWork,
      onDone: [
        { guard: 'measurementFails', target: 'recording', actions: 'keepMeasurement' },
        { guard: 'measuredNothing', target: 'checking', actions: 'keepMeasurement' },
        { target: 'judgingWork', actions: 'keepMeasurement' },
      ],
      onError: [tryAgain('measuring'), { target: 'recording', actions: 'failByEffect' }],
    },
    on: stoppable,
  }),
  judgingWork: taskSetup.createStateConfig({
    description: 'The policy judges the real diff. A wish for review makes the merge ask a person.',
    invoke: {
      id: 'judgeWork',
      src: 'judgeWork',
      input: taskInputs.judgeWork,
      onDone: [
        { guard: 'workIsBlocked', target: 'recording', actions: 'keepWorkPolicy' },
        { target: 'checking', actions: 'keepWorkPolicy' },
      ],
      onError: [tryAgain('judgingWork'), { target: 'recording', actions: 'failByEffect' }],
    },
    on: stoppable,
  }),
  checking: taskSetup.createStateConfig({
    description: 'Runs the checks on the committed head in a fresh clone, before anything is pushed.',
    invoke: {
      id: 'runChecks',
      src: 'runChecks',
      input: taskInputs.runChecks,
      onDone: [
        { guard: 'checksFail', target: 'recording', actions: 'keepChecks' },
        { guard: 'changedNothing', target: 'recording', actions: 'keepChecks' },
        { target: 'scanning', actions: 'keepChecks' },
      ],
      onError: [tryAgain('checking'), { target: 'recording', actions: 'failByEffect' }],
    },
    on: stoppable,
  }),
  scanning: taskSetup.createStateConfig({
    description: 'Looks for secrets in what would be pushed. One found ends the attempt for good.',
    invoke: {
      id: 'scanSecrets',
      src: 'scanSecrets',
      input: taskInputs.scanSecrets,
      onDone: [{ guard: 'foundSecrets', target: 'recording', actions: 'keepScan' }, { target: 'publishing' }],
      onError: [tryAgain('scanning'), { target: 'recording', actions: 'failByEffect' }],
    },
    on: stoppable,
  }),
  publishing: taskSetup.createStateConfig({
    description: 'Pushes the commit by compare-and-set on the branch.',
    invoke: {
      id: 'publishBranch',
      src: 'publishBranch',
      input: taskInputs.publishBranch,
      onDone: [{ guard: 'isRevision', target: 'readingBack', actions: 'keepPush' }, { target: 'opening' }],
      onError: [tryAgain('publishing'), { target: 'recording', actions: 'failByPublish' }],
    },
    on: stoppable,
  }),
  opening: taskSetup.createStateConfig({
    description: 'Opens the pull request, or finds the one that is open.',
    invoke: {
      id: 'openPull',
      src: 'openPull',
      input: taskInputs.openPull,
      onDone: { target: 'readingBack', actions: 'keepPull' },
      onError: [tryAgain('opening'), { target: 'recording', actions: 'failByPublish' }],
    },
    on: stoppable,
  }),
  readingBack: taskSetup.createStateConfig({
    description: 'Reads branch and pull request back: the attempt passed only if the remote says so.',
    invoke: {
      id: 'readBack',
      src: 'readBack',
      input: taskInputs.readBack,
      onDone: { target: 'recording', actions: 'keepReadBack' },
      onError: [tryAgain('readingBack'), { target: 'recording', actions: 'failByPublish' }],
    },
    on: stoppable,
  }),
  stopping: taskSetup.createStateConfig({
    description: 'Stops the agent and proves it dead. Asked again for as long as that takes.',
    invoke: {
      id: 'stopAgent',
      src: 'stopAgent',
      input: taskInputs.stopAgent,
      onDone: { target: 'recording' },
      onError: { target: 'waitingOut', actions: { type: 'noteTrouble', params: { at: 'stopping' } } },
    },
    on: endingNoted,
  }),
  recording: taskSetup.createStateConfig({
    description: 'Writes the evidence of the attempt and its attestation, whatever came of it.',
    invoke: {
      id: 'recordAttempt',
      src: 'recordAttempt',
      input: taskInputs.recordAttempt,
      onDone: { target: 'releasing' },
      onError: [tryAgain('recording'), { target: 'releasing', actions: 'warnUnrecorded' }],
    },
    on: endingNoted,
  }),
  releasing: taskSetup.createStateConfig({
    description:
      'Saves everything in the workspace, proves it saved, then removes it. What cannot be saved stays.',
    invoke: {
      id: 'releaseWorkspace',
      src: 'releaseWorkspace',
      input: taskInputs.releaseWorkspace,
      onDone: { target: 'deciding', actions: 'settleAttempt' },
      onError: [
        tryAgain('releasing'),
        { target: 'deciding', actions: ['warnUnsaved', sayUnsaved, 'settleAttempt'] },
      ],
    },
    on: endingNoted,
  }),
}
