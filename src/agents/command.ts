import type { AgentConfig } from '../contracts/compiled-manifest.ts'
import type { AgentJudgement, AgentRequest, AgentStream, AgentType } from './agent-type.ts'
import { readExcerpt } from './read-excerpt.ts'

/**
 * Runs any executable as an agent. Placeholders `{prompt_file}`, `{workspace}` and `{task}` (the task's id) are
 * replaced inside single argv elements: a value can never become a second argument, and no shell sees it.
 * Without a protocol to read, its exit code decides.
 */
export const commandAgent: AgentType = {
  type: 'command',
  about: 'any program: it gets the prompt, its exit code and the diff decide',
  keys: { required: ['command'], optional: ['prompt', 'auth'] },
  program: null,
  versionArgs: ['--version'],
  capabilities: { resume: false, terminalEvent: false, usage: 'none' },
  wires: [],
  network: [],
  login: null,
  meter: [],
  compose: (config, request) => ({
    argv: config.command.map((element) => fillPlaceholders(element, request)),
    stdinFile: config.prompt === 'stdin' ? request.promptFile : null,
    env: agentEnvironment(config, request),
    homeFiles: {},
  }),
  judge: (streams, exit): AgentJudgement => {
    const success = exit?.exitCode === 0
    return {
      success,
      failure: success || exit === null ? null : exitFailure(exit.exitCode, streams.stderr),
      usage: null,
      sessionId: null,
      recorded: false,
      // Whatever it wrote last: to go by for the next attempt, and where a question would stand.
      summary: readExcerpt(streams.stdout),
      retryAtMs: null,
      toolCalls: null,
    }
  },
}

const PLACEHOLDER = /\{(prompt_file|workspace|task)\}/g

/** One pass over the template: a value that itself looks like a placeholder stays as it is. */
const fillPlaceholders = (element: string, request: AgentRequest): string => {
  const values: Record<string, string> = {
    prompt_file: request.promptFile,
    workspace: request.workspace,
    task: request.task.id,
  }
  return element.replace(PLACEHOLDER, (_whole, name: string) => values[name] as string)
}

/** The profile's own values, and facts about the attempt under our prefix. Secrets never pass here: see startKeeper. */
const agentEnvironment = (config: AgentConfig, request: AgentRequest): Record<string, string> => ({
  ...config.env,
  ...(config.model === null ? {} : { OC_SUPERVISE_MODEL: config.model }),
  OC_SUPERVISE_TASK: request.task.id,
  OC_SUPERVISE_ATTEMPT: String(request.attempt),
  OC_SUPERVISE_PROMPT_FILE: request.promptFile,
})

/** 126 and 127 are what `exec` through a POSIX shell answers when a program cannot be run or is not there. */
const exitFailure = (exitCode: number | null, stderr: AgentStream): AgentJudgement['failure'] => {
  const excerpt = readExcerpt(stderr)
  if (exitCode === 126 || exitCode === 127) {
    const why = exitCode === 127 ? 'was not found' : 'cannot be executed'
    return { class: 'dependency_missing', reason: `the agent's program ${why} (exit ${exitCode})`, excerpt }
  }
  const how = exitCode === null ? 'ended by a signal' : `exited with code ${exitCode}`
  return { class: 'tool_failure', reason: `the agent ${how}`, excerpt }
}
