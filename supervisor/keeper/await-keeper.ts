import type { KeeperExit } from '../../src/contracts/keeper.ts'
import type { Clock } from '../../src/platform/clock.ts'
import { endLostAgent } from './end-lost-agent.ts'
import { inspectKeeper, type KeeperFacts } from './inspect-keeper.ts'
import { keeperFiles } from './keeper-files.ts'
import { watchFolder } from './watch-folder.ts'

/** How a keeper's story ended, as its owner sees it. */
export type KeeperEnding =
  | { readonly ending: 'exited'; readonly exit: KeeperExit }
  /** Killed before it wrote its record, or never started. What it left of its agent is `agent`. */
  | { readonly ending: 'keeper_lost'; readonly agent: 'gone' | 'survived'; readonly message: string }
  /** The caller stopped waiting; keeper and agent go on. */
  | { readonly ending: 'aborted' }

/** How often a keeper is proved again where no watch tells of its end. */
const LOOK_EVERY_MS = 1_000

/**
 * Waits for a keeper's exit record. Holds no child handle, so it works the same for a keeper that we started and for
 * one we adopted. A keeper that is proved gone without a record has its agent ended first.
 */
export const awaitKeeper = async (
  dir: string,
  { clock, signal }: { clock: Clock; signal?: AbortSignal },
): Promise<KeeperEnding> => {
  const bell = openBell()
  const unwatch = watchFolder(dir, (name) => {
    if (keeperFiles(dir).exit.endsWith(`/${name}`)) bell.ring()
  })
  signal?.addEventListener('abort', bell.ring, { once: true })
  try {
    for (;;) {
      if (signal?.aborted) return { ending: 'aborted' }
      const facts = inspectKeeper(dir)
      if (facts.state === 'exited') return { ending: 'exited', exit: facts.exit }
      if (facts.state !== 'running') return await lost(dir, facts)
      await bell.next(clock)
    }
  } finally {
    unwatch()
    signal?.removeEventListener('abort', bell.ring)
  }
}

const lost = async (
  dir: string,
  facts: KeeperFacts & { state: 'lost' | 'absent' },
): Promise<KeeperEnding> => {
  if (facts.state === 'absent') {
    return { ending: 'keeper_lost', agent: 'gone', message: `no keeper ever took ${dir}` }
  }
  // Without keeper.json nobody knows what to look for: not proved gone.
  const agent = facts.self === null ? 'survived' : await endLostAgent(dir, facts.self)
  return { ending: 'keeper_lost', agent, message: facts.message }
}

/** Remembers a ring that comes while nobody waits. */
const openBell = () => {
  let rung = Promise.withResolvers<void>()
  return {
    ring: (): void => rung.resolve(),
    next: async (clock: Clock): Promise<void> => {
      const done = new AbortController()
      await Promise.race([rung.promise, clock.sleep(LOOK_EVERY_MS, done.signal)])
      done.abort()
      rung = Promise.withResolvers<void>()
    },
  }
}
