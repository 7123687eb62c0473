import type { IdentityProof } from '../../src/contracts/process-identity.ts'

/** Gone, or a zombie: it runs no more, whoever forgot to reap it. Stopped or unanswered is not dead. */
export const isProvedDead = (proof: IdentityProof): boolean =>
  proof.proof === 'gone' || (proof.proof === 'halted' && (proof.state === 'Z' || proof.state === 'X'))
