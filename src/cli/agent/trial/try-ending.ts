import { join } from 'node:path'
import { systemClock } from '../../../platform/clock.ts'
import { bestContainment, contain } from '../../../platform/containment.ts'
import { endProcess } from '../../../platform/end-process.ts'
import { forgetRegistration } from '../../../platform/registrations.ts'
import { spawnRegistered } from '../../../platform/spawn-registered.ts'
import { prepareCandidate } from './prepare-candidate.ts'
import type { Candidate, Found, Place } from './trial.ts'
import { startTrialServer, type TrialServer } from './trial-server.ts'

/** Its model never answers: ended in the middle of a request, it has to leave nothing behind. */
export const tryEnding = async (candidate: Candidate, place: Place): Promise<Found> => {
  const server = await startTrialServer('hold')
  try {
    return await endWaiting(candidate, place, server)
  } finally {
    server.close()
  }
}

const endWaiting = async (
  candidate: Candidate,
  { folders, owner, limits }: Place,
  server: TrialServer,
): Promise<Found> => {
  const told = { prompt: 'Say hello.\n', resume: null }
  const { launch, env } = await prepareCandidate(candidate, folders, server.url, told)
  const child = await spawnRegistered({
    ...owner,
    role: 'effect',
    subject: 'agent-trial',
    argv: contain(launch.argv, bestContainment()),
    cwd: folders.workspace,
    env: { ...env, HOME: folders.home, TMPDIR: folders.tmp },
    stdinFile: launch.stdinFile,
    stdoutFile: join(folders.tmp, 'stdout'),
    stderrFile: join(folders.tmp, 'stderr'),
  })
  await untilAsked(server, child.exited, limits.asksMs)
  const left = await endProcess(
    { identity: child.identity, mark: child.intent.mark },
    { graceMs: limits.graceMs },
  )
  if (left === 'survived')
    return { failed: 'ended in the middle of a request, it left processes behind', notes: [] }
  forgetRegistration({ intent: child.intent, identity: child.identity, dir: child.dir })
  const wasAsking = server.asked() > 0
  return { failed: null, notes: wasAsking ? [] : ['it could not be ended in the middle of a request'] }
}

const untilAsked = async (server: TrialServer, exited: Promise<unknown>, withinMs: number): Promise<void> => {
  let over = false
  void exited.then(() => {
    over = true
  })
  const deadlineMs = systemClock.monoMs() + withinMs
  while (server.asked() === 0 && !over && systemClock.monoMs() < deadlineMs) await systemClock.sleep(50)
}
