import { type FileRole, roleOf } from './file-role.ts'
import { type Language, languageOf } from './languages.ts'
import { type MaskedSource, maskSource } from './mask-source.ts'

/** One changed file as it was and is; null where there was or is none. */
export interface ChangedText {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
  /** True where a side could not be read. */
  readonly tooLarge: boolean
}

/** A changed file with what the rules ask about it. */
export interface ChangedSource {
  readonly path: string
  readonly role: FileRole
  readonly language: Language | null
  readonly before: MaskedSource | null
  readonly after: MaskedSource | null
  /** True where it is too large to be judged by what it holds. */
  readonly unjudged: boolean
  /** Nothing in it can be compared by lines: what tests read, or what holds no code. */
  readonly isData: boolean
}

/** A file larger than this is not judged by its content, in characters; nobody writes such a test by hand. */
const MAX_CHARS = 1024 * 1024

/** Prepares a changed file for the rules. */
export const changedSource = ({ path, before, after, tooLarge }: ChangedText): ChangedSource => {
  const role = roleOf(path)
  const language = languageOf(path)
  const unjudged = tooLarge || [before, after].some((text) => text !== null && text.length > MAX_CHARS)
  const read = (text: string | null): MaskedSource | null => {
    if (text === null || unjudged) return null
    return language === null ? { text, code: text, comments: '' } : maskSource(text, language.syntax)
  }
  return {
    path,
    role,
    language,
    before: read(before),
    after: read(after),
    unjudged,
    isData: language === null || role === 'fixture',
  }
}
