import { findProgram } from '../look/find-program.ts'

/** How an agent is run, as a manifest writes it. */
export interface DetectedAgent {
  /** The program that was found; null where none of those we know is installed. */
  readonly found: string | null
  readonly type: string
  /** Empty where the type brings its own. */
  readonly command: readonly string[]
  /** The variable that holds its secret; null where it needs none that we know of. */
  readonly secret: string | null
}

/** In the order in which we look for them; each has an agent type of its name. */
const AGENTS = [
  { program: 'claude', secret: 'ANTHROPIC_API_KEY' },
  { program: 'codex', secret: 'CODEX_API_KEY' },
  { program: 'gemini', secret: 'GEMINI_API_KEY' },
] as const

/** The first agent we know that is installed. @param path the PATH that is looked through */
export const detectAgent = (path: string): DetectedAgent => {
  const agent = AGENTS.find(({ program }) => findProgram(program, path) !== null)
  return agent === undefined
    ? { found: null, type: 'command', command: ['my-agent'], secret: null }
    : { found: agent.program, type: agent.program, command: [], secret: agent.secret }
}
