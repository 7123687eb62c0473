const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** SIGINT and SIGTERM, heard from the moment they were asked for. */
export interface HeardSignals {
  /** Tells of each one and whether it is not the first; those that came before are told at once. */
  tell(listener: (isSecond: boolean) => void): void
  /** From now on they end the process again. */
  end(): void
}

/** Hears SIGINT and SIGTERM from now on: one that comes before anybody can act on it is kept until somebody can. */
export const hearSignals = (): HeardSignals => {
  let heard = 0
  let listener: ((isSecond: boolean) => void) | null = null
  const hear = (): void => {
    heard += 1
    listener?.(heard > 1)
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return {
    tell: (wanted) => {
      listener = wanted
      for (let nth = 1; nth <= heard; nth += 1) wanted(nth > 1)
    },
    end: () => {
      for (const signal of SIGNALS) process.off(signal, hear)
    },
  }
}
