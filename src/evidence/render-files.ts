import type { JsonValue } from '../contracts/json.ts'
import type { FilePlan } from './attempt-files.ts'
import { boundedCopy } from './bounded-copy.ts'
import type { IndexEntry } from './evidence-index.ts'
import type { Redactor } from './redact.ts'
import { redactJson } from './redact-json.ts'

/** One file, ready to be written. */
export interface RenderedFile {
  readonly file: string
  readonly bytes: Buffer
}

/** JSON as evidence writes it: two spaces, members in the order they were built, a newline at the end. */
export const jsonBytes = (value: JsonValue): Buffer =>
  Buffer.from(`${JSON.stringify(value, null, 2)}\n`, 'utf8')

/** Turns a plan into the bytes that are written and the line the index has for them. */
export const renderFile = async (
  file: string,
  plan: FilePlan,
  redactor: Redactor,
): Promise<{ entry: IndexEntry; rendered: RenderedFile | null }> => {
  const content = await contentOf(plan, redactor)
  if ('reason' in content) return { entry: { file, present: false, reason: content.reason }, rendered: null }
  const { bytes, note } = content
  return { entry: { file, present: true, bytes: bytes.length, note }, rendered: { file, bytes } }
}

type Content = { readonly bytes: Buffer; readonly note: string | null } | { readonly reason: string }

const contentOf = async (plan: FilePlan, redactor: Redactor): Promise<Content> => {
  switch (plan.kind) {
    case 'absent':
      return { reason: redactor.text(plan.reason).text }
    case 'json': {
      const { value, count } = redactJson(plan.value, redactor)
      return { bytes: jsonBytes(value), note: noteOf(count) }
    }
    case 'text': {
      const { text, count } = redactor.text(plan.text)
      return { bytes: Buffer.from(text, 'utf8'), note: noteOf(count) }
    }
    case 'copy': {
      const copy = await boundedCopy(plan.path, { ...plan, redactor })
      return copy ?? { reason: 'the file it is copied from was not there' }
    }
  }
}

const noteOf = (redactions: number): string | null =>
  redactions === 0 ? null : `${redactions} secret value(s) were redacted`
