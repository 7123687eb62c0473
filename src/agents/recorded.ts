import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readTail } from '../platform/read-tail.ts'
import type { AgentJudgement, AgentStream, AgentType } from './agent-type.ts'
import { readExcerpt } from './read-excerpt.ts'

/** The player beside this file, in source and in the built tree alike. */
const PLAYER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './recorded-player.ts' : './recorded-player.js', import.meta.url),
)

/**
 * Replays recorded runs: for demos, tests and documentation, without a model, a key or a network.
 * It never passes for the real thing: every line of its stream and every outcome says `recorded: true`.
 */
export const recordedAgent: AgentType = {
  type: 'recorded',
  about: 'replays a recorded run, for demos and tests; says so in every record',
  keys: { required: ['recordings'], optional: [] },
  program: null,
  versionArgs: [],
  capabilities: { resume: false, terminalEvent: true, usage: 'none', restricts: true },
  wires: [],
  network: [],
  login: null,
  meter: [],
  compose: (config, request) => ({
    argv: [process.execPath, PLAYER, config.recordings ?? '', request.task.title, String(request.attempt)],
    stdinFile: null,
    env: { ...config.env },
    homeFiles: {},
  }),
  judge: (streams, exit): AgentJudgement => {
    const finished = readFinish(streams.stdout)
    const success = finished?.success === true && (exit === null || exit.exitCode === 0)
    return {
      success,
      failure:
        success || exit === null
          ? null
          : {
              class: exit.exitCode === 3 ? 'infra_tooling' : 'tool_failure',
              reason: finished?.message ?? `the recorded agent exited with code ${exit.exitCode}`,
              excerpt: readExcerpt(streams.stderr),
            },
      usage: null,
      sessionId: null,
      recorded: true,
      summary: null,
      retryAtMs: null,
      toolCalls: null,
    }
  },
}

const Finish = z.object({
  type: z.literal('recording_finished'),
  success: z.boolean(),
  message: z.string().max(2000).optional(),
})

/** The player's last word, if it got to say one: a stream cut short has no whole last line. */
const readFinish = ({ file, endBytes }: AgentStream): z.infer<typeof Finish> | null => {
  const last = readTail(file, 8000, endBytes).trimEnd().split('\n').at(-1) ?? ''
  try {
    const parsed = Finish.safeParse(JSON.parse(last))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
