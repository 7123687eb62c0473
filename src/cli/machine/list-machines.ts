import { describeMachine } from '../docs/describe-machine.ts'
import type { Answer } from '../print/print-answer.ts'
import { formatTable } from '../print/print-table.ts'
import { KNOWN_MACHINES } from './known-machines.ts'

/** `machine list`: every machine with its version and states. */
export const listMachines = (): Answer => {
  const machines = KNOWN_MACHINES.map(({ name, kind, version, about, machine }) => ({
    name,
    kind,
    version,
    about,
    states: describeMachine(machine).states.map(({ path }) => path),
  }))
  const rows = machines.map(({ name, kind, version, states }) => [
    name,
    kind,
    version === null ? '-' : `${version}`,
    `${states.length}`,
    states.filter((path) => !path.includes('.')).join(' '),
  ])
  return {
    json: { machines },
    text: formatTable(['machine', 'kind', 'version', 'states', 'outermost'], rows),
  }
}
