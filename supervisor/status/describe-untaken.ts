interface Untaken {
  readonly type?: unknown
  readonly by?: unknown
  readonly to?: unknown
  readonly decision?: { readonly statement?: { readonly decision?: unknown; readonly by?: unknown } }
}

/** What was left for an actor in words: `approved by ada`, `answer by ada`, `moved to Ready`. */
export const describeUntaken = ({ type, by, to, decision }: Untaken): string => {
  const statement = decision?.statement
  if (statement !== undefined) return `${String(statement.decision)} by ${String(statement.by)}`
  const what = String(type).toLowerCase().replaceAll('_', ' ')
  if (typeof to === 'string') return `${what} to ${to}${whose(by)}`
  return `${what}${whose(by)}`
}

const whose = (by: unknown): string => (typeof by === 'string' ? ` by ${by}` : '')
