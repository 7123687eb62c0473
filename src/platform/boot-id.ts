import { processTable } from './process-table.ts'

let known: string | null = null

/** Names this boot of the host; read once, for it cannot change under a running process. */
export const bootId = (): string => {
  known ??= processTable.bootId()
  return known
}
