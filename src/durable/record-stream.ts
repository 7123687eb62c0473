/** The stream of a record's events. Actors' streams are their ids, which never hold a slash. */
export const recordStream = (kind: string, id: string): string => `record/${kind}/${id}`
