import type { IdentityProof, ProcessIdentity } from '../../src/contracts/process-identity.ts'
import type { Proved } from './decide-claim.ts'

// An import of node:fs costs a tenth of a bare Node start, for names that are then not used; this costs nothing.
const { readFileSync } = process.getBuiltinModule('node:fs')

/** What the operating system says of processes, asked afresh each time. */
export interface Prover {
  readonly bootId: string
  prove(identity: ProcessIdentity): IdentityProof
}

/**
 * The prover of this platform. On Linux it is /proc and nothing else; elsewhere the platform's own tools are loaded, which
 * takes longer (docs/platforms.md).
 */
export const loadProver = async (): Promise<Prover> => {
  if (process.platform === 'linux') return linuxProver()
  const { proveIdentity } = await import('../../src/platform/process-identity.ts')
  const { bootId } = await import('../../src/platform/boot-id.ts')
  return { bootId: bootId(), prove: proveIdentity }
}

/** The rules of src/platform/process-identity.ts, cut down so that hundreds of processes are proved in a few ms. */
const linuxProver = (): Prover => {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return {
    bootId,
    prove: ({ pid, startTicks, bootId: boot }) => {
      if (boot !== bootId) return { proof: 'gone' }
      let line: string
      try {
        line = readFileSync(`/proc/${pid}/stat`, 'utf8')
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        return code === 'ENOENT' || code === 'ESRCH'
          ? { proof: 'gone' }
          : { proof: 'unknown', reason: `${code}` }
      }
      const [, state, started] = STATE_AND_START.exec(line) ?? []
      if (state === undefined) return { proof: 'unknown', reason: `/proc/${pid}/stat is not as proc(5) says` }
      if (Number(started) !== startTicks) return { proof: 'gone' }
      return state === 'T' || state === 't' || state === 'Z' || state === 'X'
        ? { proof: 'halted', state }
        : { proof: 'alive', state }
    },
  }
}

/** proc(5): the name may hold anything, so fields are counted from the last `)`; 3 is the state, 22 the start time. */
const STATE_AND_START = /^.*\) (\S) (?:\S+ ){18}(\d+) /s

/** What an identity alone proves: a zombie runs no more, a stopped process may go on. */
export const provedBy = (proof: IdentityProof): Proved => {
  if (proof.proof === 'alive') return 'proved'
  if (proof.proof === 'gone') return 'gone'
  return proof.proof === 'halted' && (proof.state === 'Z' || proof.state === 'X') ? 'gone' : 'unproven'
}
