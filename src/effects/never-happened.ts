/** The `reconcile` of an effect that leaves nothing outside: after a crash it is simply performed again. */
export const neverHappened = async (): Promise<{ happened: false }> => ({ happened: false })
