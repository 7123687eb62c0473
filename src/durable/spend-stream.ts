/** The stream of a ledger entry's events, by its attempt. */
export const spendStream = (id: string): string => `spend/${id}`
