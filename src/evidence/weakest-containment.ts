import type { Containment } from '../contracts/agent-run.ts'

/**
 * What may be said of several attempts together: the weakest level and the weakest sandbox among them. Null where none
 * of them ran an agent.
 */
export const weakestContainment = (attempts: readonly (Containment | null)[]): Containment | null => {
  const [first, ...more] = attempts.filter((each) => each !== null)
  if (first === undefined) return null
  return more.reduce(
    (weakest, { level, sandbox }) => ({
      level: level === 'swept' ? level : weakest.level,
      sandbox: sandbox === 'off' ? sandbox : weakest.sandbox,
    }),
    first,
  )
}
