import { homedir } from 'node:os'
import { isAbsolute } from 'node:path'
import type { AgentType } from '../../agents/agent-type.ts'
import type { AgentConfig, CompiledManifest } from '../../contracts/compiled-manifest.ts'
import { EffectFailure } from '../../durable/effect.ts'
import type { AgentSandboxPort } from '../../effects/agent-sandbox-port.ts'
import { attemptRecords } from '../../effects/attempt-records.ts'
import { bestContainment } from '../../platform/containment.ts'
import { findProgram } from '../../platform/find-program.ts'
import { removeTreeSync } from '../../platform/remove-tree.ts'
import { enterSandbox, wasEntered } from '../../platform/sandbox/enter-sandbox.ts'
import { findSandbox } from '../../platform/sandbox/find-sandbox.ts'
import { programPlaces } from '../../platform/sandbox/tool-places.ts'
import type { StateLayout } from '../../platform/state-layout.ts'
import { hiddenPlaces } from './hidden-places.ts'

/** Builds the walls around agents as their profiles ask for them. */
export const agentSandbox = (manifest: CompiledManifest, layout: StateLayout): AgentSandboxPort => ({
  containmentOf: (agent) => ({ level: bestContainment(), sandbox: sandboxOf(agent) }),
  enter: (agent, type, attempt) => {
    if (sandboxOf(agent) === 'off') return { wrapper: [], folders: [] }
    mustBeThere(agent)
    const records = attemptRecords(layout, attempt.attemptId)
    const wrapper = enterSandbox({
      world: {
        readable: [...manifest.sandboxRead, attempt.promptFile, ...placesOf(agent, attempt)],
        writable: [attempt.workspace, attempt.home],
        tmp: records.tmp,
        hidden: hiddenPlaces(manifest, layout),
        network: reachable(agent, type),
      },
      dir: records.sandbox,
      path: attempt.path,
    })
    return { wrapper, folders: [records.tmp] }
  },
  leave: (attemptId) => {
    const records = attemptRecords(layout, attemptId)
    // What cannot be removed goes with the attempt's other records; its run is over all the same.
    try {
      removeTreeSync(records.tmp)
    } catch {
      // It goes with the attempt's other records, or the janitor says why not; the run is over all the same.
    }
    return wasEntered(records.sandbox)
  },
})

const sandboxOf = (agent: AgentConfig): string => {
  if (agent.sandbox === 'off') return 'off'
  const facts = findSandbox()
  return facts.ok ? facts.profile : 'missing'
}

/** The manifest was refused where the host had no sandbox; one that went since is not done without in silence. */
const mustBeThere = (agent: AgentConfig): void => {
  const facts = findSandbox()
  if (facts.ok) return
  const reason = `agent ${agent.key}: there is no sandbox on this host any more: ${facts.missing}; ${facts.remedy}`
  throw new EffectFailure({ class: 'dependency_missing', reason })
}

/** With a `base_url` its host alone, whatever the type needs otherwise. */
const reachable = (agent: AgentConfig, type: AgentType): string[] => [
  ...(agent.baseUrl === null ? type.network : [hostOf(agent.baseUrl)]),
  ...(agent.sandbox === 'off' ? [] : agent.sandbox.network),
]

const hostOf = (address: string): string => {
  const { hostname, port, protocol } = new URL(address)
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
}

/** What the manifest itself names as its program; never what a task's text put among the arguments. */
const placesOf = (agent: AgentConfig, attempt: { argv: readonly string[]; path: string }): string[] => {
  const [program = ''] = attempt.argv
  const found = isAbsolute(program) ? program : findProgram(program, attempt.path)
  const named = agent.command.filter((word) => isAbsolute(word) && !word.includes('{'))
  return [
    ...[...(found === null ? [] : [found]), ...named].flatMap((path) => programPlaces(path, homedir())),
    ...(agent.recordings === null ? [] : [agent.recordings]),
  ]
}
