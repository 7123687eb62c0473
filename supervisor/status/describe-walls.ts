import type { StatusFile } from '../../src/contracts/status.ts'

/** What stands between agents and the rest of the machine, and what a decision is therefore worth. */
export const describeWalls = ({ containment, sandbox, gateTrust }: StatusFile): string =>
  `containment: ${containment}; sandbox: ${sandbox}; gate trust: ${gateTrust}`
