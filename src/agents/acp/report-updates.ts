import { sha256 } from '../../platform/sha256.ts'
import { fieldAt, textAt } from '../event-fields.ts'
import type { AcpEvent, AcpUsage } from './acp-events.ts'
import type { AcpQuirks } from './acp-quirks.ts'
import { readAcpUsage } from './read-acp-usage.ts'

export interface UpdateReporter {
  /** From here on updates are of this run; those before repeat an earlier session and are left out. */
  begin(quirks: AcpQuirks): void
  notify(params: unknown): void
  /** The answer to the prompt, which may tell usage. */
  answer(response: unknown): void
}

/** Writes an agent's updates on as they are, and beside them its tool calls and usage in our own shape. */
export const reportUpdates = (emit: (event: AcpEvent) => void): UpdateReporter => {
  let quirks: AcpQuirks | null = null
  let usage: AcpUsage | null = null
  const open = new Set<string>()
  const reportUsage = (kind: 'answer' | 'update', message: unknown): void => {
    const told = quirks === null ? null : readAcpUsage(quirks, kind, message, usage)
    if (told === null) return
    usage = told
    emit(told)
  }
  const reportTool = (update: unknown): void => {
    const id = textAt(update, 'toolCallId')
    if (id === null) return
    const status = textAt(update, 'status')
    const over = status === 'completed' || status === 'failed'
    const known = open.has(id)
    const fresh = fieldAt(update, 'sessionUpdate') === 'tool_call' && !known
    if (fresh) emit({ type: 'tool', at: 'start', id, status, digest: null })
    if (over && (known || fresh)) emit({ type: 'tool', at: 'end', id, status, digest: digestOf(update) })
    if (over) open.delete(id)
    else if (fresh) open.add(id)
  }
  return {
    begin: (known) => {
      quirks = known
    },
    notify: (params) => {
      const update = fieldAt(params, 'update')
      const kind = textAt(update, 'sessionUpdate')
      if (quirks === null || kind === null) return
      emit({ type: 'update', update: { ...(update as object), sessionUpdate: kind } })
      if (kind === 'tool_call' || kind === 'tool_call_update') reportTool(update)
      reportUsage('update', update)
    },
    answer: (response) => reportUsage('answer', response),
  }
}

/** Of what a call brought; two that brought the same have the same. */
const digestOf = (update: unknown): string =>
  sha256(JSON.stringify([fieldAt(update, 'content') ?? null, fieldAt(update, 'rawOutput') ?? null])).slice(
    0,
    16,
  )
