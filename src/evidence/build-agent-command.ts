import type { JsonValue } from '../contracts/json.ts'
import type { KeeperSpec } from '../contracts/keeper.ts'

/** Builds `agent_command.json` from what the keeper was given. Of the environment only the names are kept: values may be secrets. */
export const buildAgentCommand = (spec: KeeperSpec): JsonValue => ({
  v: 1,
  attemptId: spec.attempt,
  argv: spec.agent.argv,
  cwd: spec.agent.cwd,
  environment: Object.keys(spec.agent.env).sort(),
  stdin: spec.agent.stdinFile === null ? 'closed' : 'file',
  containment: { level: spec.containment.level, sandbox: spec.containment.sandbox },
  limits: { ...spec.limits },
})
