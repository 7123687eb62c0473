import type { TokenPrice } from '../contracts/meter.ts'
import type { AgentType } from './agent-type.ts'

type Metered = Pick<AgentType, 'meter' | 'capabilities'>

/** Whether its tokens or dollars are ever known, while it runs or after. */
export const isCounted = ({ capabilities }: Metered): boolean => capabilities.usage !== 'none'

/** Whether its keeper reads tokens; where they come with its last word only, it may still stop what lingers after that. */
export const metersTokens = ({ meter }: Metered): boolean => meter.some(({ usage }) => usage !== null)

/** Whether its keeper can tell dollars while it runs: as told with more than the last word, or by a price of tokens. */
export const metersDollars = (type: Metered, price: TokenPrice | null): boolean =>
  price === null
    ? type.meter.some(({ usage, terminal }) => terminal === null && usage !== null && usage.usd !== null)
    : metersTokens(type)

/** Whether its stream tells of tool calls at all. */
export const metersTools = ({ meter }: Metered): boolean => meter.some(({ tool }) => tool !== null)

/** Whether its stream tells when a tool call begins. */
export const metersToolTime = ({ meter }: Metered): boolean => meter.some(({ tool }) => tool?.at === 'start')
