const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Tells of SIGINT and SIGTERM, and whether it is not the first any more. @returns how to end it. */
export const onSignals = (tell: (isSecond: boolean) => void): (() => void) => {
  let asked = false
  const hear = (): void => {
    tell(asked)
    asked = true
  }
  for (const signal of SIGNALS) process.on(signal, hear)
  return () => {
    for (const signal of SIGNALS) process.off(signal, hear)
  }
}
