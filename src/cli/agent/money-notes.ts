import type { AgentType } from '../../agents/agent-type.ts'
import { isCounted, metersDollars } from '../../agents/metering.ts'
import { attemptCap, type Budgets, capsOf } from '../../budget/caps.ts'
import type { AgentConfig } from '../../contracts/compiled-manifest.ts'
import { agentsFor } from '../../contracts/lane-for.ts'
import { LANES } from '../../contracts/lane-name.ts'

/** What a person should know who counts on a cap that this agent is not stopped at: it is well formed all the same. */
export const moneyNotes = (budgets: Budgets, agent: AgentConfig, type: AgentType): string[] => {
  if (!isCounted(type)) {
    const names = [...capNames(budgets, agent, 'usdMicros'), ...capNames(budgets, agent, 'tokens')]
    return names.length === 0
      ? []
      : [
          `nobody can tell what it uses: ${names.join(', ')} do not hold for it, only caps on runs and attempts`,
        ]
  }
  const names = agent.covered ? [] : capNames(budgets, agent, 'usdMicros')
  if (names.length === 0 || metersDollars(type, agent.price)) return []
  const remedy =
    metersDollars(type, ANY_PRICE) && agent.price === null ? `; agents.${agent.key}.price does that` : ''
  return [
    `its dollars are not known while it runs: ${names.join(', ')} keep it from being started, but cannot stop it${remedy}`,
  ]
}

const ANY_PRICE = { inputUsd: 0, cachedInputUsd: 0, outputUsd: 0 }

/** The keys that cap what the agent may use, in whatever repository and lane it works or stands in. */
const capNames = (budgets: Budgets, agent: AgentConfig, measure: 'usdMicros' | 'tokens'): string[] => {
  const names = Object.keys(budgets.repos).flatMap((repo) =>
    LANES.filter((lane) => agentsFor(budgets, repo, lane).includes(agent.key)).flatMap((lane) => {
      const subject = { repo, lane, agent: agent.key, task: null }
      const caps = capsOf(budgets, subject).filter((cap) => cap.measure === measure)
      return [...caps, attemptCap(budgets, subject, measure)].flatMap((cap) => cap?.name ?? [])
    }),
  )
  return [...new Set(names)]
}
