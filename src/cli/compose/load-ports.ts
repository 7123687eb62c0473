import { agentTypes } from '../../agents/agent-types.ts'
import { unservedKeys } from '../../agents/unserved-keys.ts'
import { operatorsFromKeys } from '../../gates/operators-from-keys.ts'
import type { LoadPorts } from '../../manifest/load-manifest.ts'
import { findSandbox } from '../../platform/sandbox/find-sandbox.ts'
import { contradictions } from '../../policy/contradictions.ts'

/** What compiling a manifest asks of the environment and of others. */
export const loadPorts = (environment: NodeJS.ProcessEnv): LoadPorts => ({
  environment,
  operatorsFromKeys,
  contradictions,
  sandbox: findSandbox,
  agentTypes: Object.fromEntries(
    agentTypes().map((each) => [each.type, { ...each.keys, unserved: unservedKeys(each) }]),
  ),
})
