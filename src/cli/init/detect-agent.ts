import { findProgram } from '../look/find-program.ts'

/** How an agent is run, as a manifest writes it. */
export interface DetectedAgent {
  /** The program that was found; null where none of those we know is installed. */
  readonly found: string | null
  readonly command: readonly string[]
  /** The variable that holds its secret; null where it needs none that we know of. */
  readonly secret: string | null
}

/** Agents that read a prompt from standard input and edit the folder they start in, in the order we look for them. */
const AGENTS = [
  { program: 'claude', args: ['--print', '--permission-mode', 'acceptEdits'], secret: 'ANTHROPIC_API_KEY' },
  { program: 'codex', args: ['exec', '--sandbox', 'workspace-write', '-'], secret: 'CODEX_API_KEY' },
] as const

/** The first agent we know that is installed. @param path the PATH that is looked through */
export const detectAgent = (path: string): DetectedAgent => {
  const agent = AGENTS.find(({ program }) => findProgram(program, path) !== null)
  return agent === undefined
    ? { found: null, command: ['my-agent'], secret: null }
    : { found: agent.program, command: [agent.program, ...agent.args], secret: agent.secret }
}
