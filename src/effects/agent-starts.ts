/**
 * The starts of agents that are under way in this process: from the look at whether it is still wanted, over the
 * reservation of its money, to its keeper. Who stops an attempt waits for that first, so that nothing is reserved or
 * started behind its back; after a kill of this process there is no start left to wait for.
 */
export interface AgentStarts {
  /** To be called in the same turn as the look at the signal. */
  during<T>(attempt: string, start: () => Promise<T>): Promise<T>
  /** Settles once no start of the attempt is under way, however it ended. */
  over(attempt: string): Promise<void>
}

export const agentStarts = (): AgentStarts => {
  const open = new Map<string, Promise<unknown>>()
  return {
    during: async (attempt, start) => {
      const started = start()
      open.set(attempt, started)
      try {
        return await started
      } finally {
        open.delete(attempt)
      }
    },
    over: async (attempt) => void (await Promise.allSettled([open.get(attempt)])),
  }
}
