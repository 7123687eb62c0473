import type { Host } from './host.ts'
import type { Store } from './store.ts'

/**
 * A host that is made when its queue first has something for it: machines and effects are most of what a process of
 * ours loads, and most of the time nothing asks for them.
 */
export const createHostOnDemand = (options: {
  readonly store: Pick<Store, 'hasUnfinished'>
  readonly queue: string
  readonly make: () => Promise<Host>
}): Host => {
  let host: Host | null = null
  const needed = async (): Promise<Host | null> => {
    if (host === null && (await options.store.hasUnfinished(options.queue))) host = await options.make()
    return host
  }
  return {
    recover: async () => (await needed())?.recover() ?? { claimed: [], reaped: [] },
    step: async () => (await needed())?.step() ?? { worked: false, nextTimer: null },
    running: () => host?.running() ?? [],
    stop: async (grace) => host?.stop(grace),
  }
}
