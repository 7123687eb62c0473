import { fromPromise } from 'xstate'
import type { EffectInput, EffectName, EffectOutput } from '../../src/contracts/effect-io.ts'

const effect = <N extends EffectName>(name: N) =>
  fromPromise<EffectOutput<N>, EffectInput<N>>(() =>
    Promise.reject(new Error(`${name} is carried out by the durable host, never by a live interpreter`)),
  )

/** Every effect a durable machine invokes, by the name under which src/effects carries it out. */
export const effectActors = {
  plan: effect('plan'),
  judgePlan: effect('judgePlan'),
  judgeWork: effect('judgeWork'),
  admitRun: effect('admitRun'),
  prepareWorkspace: effect('prepareWorkspace'),
  runAgent: effect('runAgent'),
  measureWork: effect('measureWork'),
  runChecks: effect('runChecks'),
  scanSecrets: effect('scanSecrets'),
  publishBranch: effect('publishBranch'),
  openPull: effect('openPull'),
  readBack: effect('readBack'),
  recordAttempt: effect('recordAttempt'),
  releaseWorkspace: effect('releaseWorkspace'),
  stopAgent: effect('stopAgent'),
  judgePull: effect('judgePull'),
  checkMerge: effect('checkMerge'),
  mergePull: effect('mergePull'),
  verifyDecision: effect('verifyDecision'),
}
