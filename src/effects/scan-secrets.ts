import { EFFECT_IO, type EffectInput, type EffectOutput } from '../contracts/effect-io.ts'
import { defineEffect } from '../durable/effect.ts'
import { neverHappened } from './never-happened.ts'

export interface ScanSecretsPorts {
  readonly scan: (input: EffectInput<'scanSecrets'>) => Promise<EffectOutput<'scanSecrets'>['findings']>
}

/** Looks for secrets in what base..sha adds, before anything is pushed. Reads only, so it may be repeated. */
export const scanSecretsEffect = (ports: ScanSecretsPorts) =>
  defineEffect({
    name: 'scanSecrets',
    ...EFFECT_IO.scanSecrets,
    reconcile: neverHappened,
    perform: async (_context, input) => ({ findings: await ports.scan(input) }),
  })
