import { readFileSync } from 'node:fs'
import { Sha256 } from '../../contracts/ids.ts'
import { SignedAnchor } from '../../durable/anchor.ts'
import { quoted } from '../print/visible.ts'
import { UsageError } from '../report-error.ts'

/** What `--against` names: a whole anchor, or only its hash as pull requests and attestations carry it. */
export type Against =
  | { readonly kind: 'anchor'; readonly anchor: SignedAnchor }
  | { readonly kind: 'hash'; readonly hash: string }

/**
 * Reads `--against`: a file with one signed anchor in JSON (a line of an export, or `anchor` of `verify --json`), or the
 * 64 digits of an anchor's hash.
 * @throws UsageError when it is neither.
 */
export const readAgainst = (value: string): Against => {
  if (Sha256.safeParse(value).success) return { kind: 'hash', hash: value }
  const text = readText(value)
  const parsed = SignedAnchor.safeParse(parseJson(text))
  if (parsed.success) return { kind: 'anchor', anchor: parsed.data }
  throw new UsageError(
    `--against ${quoted(value)} holds no anchor: it must be one JSON object with anchor, signature and hash`,
  )
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(
      `--against ${quoted(path)} is neither an anchor's hash nor a readable file (${(error as NodeJS.ErrnoException).code})`,
    )
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
