import { redactorOf } from '../../platform/secrets/redactor-of.ts'
import { secretSpellings } from '../../platform/secrets/secret-spellings.ts'
import type { Suspicion } from './scan-change.ts'

/** A secret of this manifest, by the place that names it. */
export interface KnownSecret {
  /** `agents.claude.ANTHROPIC_API_KEY` */
  readonly name: string
  readonly value: string
}

/** Where known secrets stand in a text, in any spelling. */
export const knownIn = (text: string, secrets: readonly KnownSecret[]): Suspicion[] =>
  secrets.flatMap(({ name, value }) =>
    secretSpellings(value).flatMap((spelling) => {
      const start = text.indexOf(spelling)
      return start < 0
        ? []
        : [{ rule: `value/${name}`, about: `the secret of ${name}`, start, end: start + spelling.length }]
    }),
  )

/** A file's name as it may be shown: without known secrets and what looks like one, on one line, not too long. */
export const withoutSecrets = (path: string, secrets: readonly KnownSecret[]): string =>
  redactorOf(secrets.map(({ value }) => value))(path)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
    .slice(0, 500)
