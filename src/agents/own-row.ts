/**
 * The row of a table by a word that an agent wrote; undefined where there is none. Words that every object knows
 * (`constructor`, `__proto__`) name no row.
 */
export const ownRow = <Row>(
  table: Readonly<Partial<Record<string, Row>>>,
  word: string | null,
): Row | undefined => (word !== null && Object.hasOwn(table, word) ? table[word] : undefined)
