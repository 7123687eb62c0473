import type { EffectOutput } from '../../contracts/effect-io.ts'
import type { ChangedFile } from '../../contracts/work.ts'
import { findSecretShapes } from '../../platform/secrets/secret-patterns.ts'
import { type KnownSecret, knownIn, withoutSecrets } from './known-secrets.ts'
import { lintSecrets } from './lint-secrets.ts'

type SecretFinding = EffectOutput<'scanSecrets'>['findings'][number]

/** A change as it is scanned. */
export interface ScannedChange {
  readonly blobs: ReadonlyArray<{
    readonly path: string
    readonly change: ChangedFile['change']
    readonly before: string | null
    readonly after: string | null
    /** A side of it could not be read. What it was need not be: nothing then is known to have been there. */
    readonly tooLarge: boolean
  }>
  /** The commit's message. */
  readonly message: string
}

/** Where something that looks like a secret stands in one text. */
export interface Suspicion {
  readonly rule: string
  readonly about: string
  readonly start: number
  readonly end: number
}

const MOST_FINDINGS = 100

/**
 * Looks for secrets in what a change brings: by their shape (our own patterns and secretlint's rules) and by the values
 * of the manifest's own secrets, in files of every kind, in their names and in the commit's message. What the base holds
 * already is no finding: it has left this machine before. Nothing of a secret is in a finding.
 * @param maySeem files in which shapes are meant; values are found there too
 */
export const scanChange = async (
  { blobs, message }: ScannedChange,
  secrets: readonly KnownSecret[],
  maySeem: (path: string) => boolean,
): Promise<SecretFinding[]> => {
  const isHeld = heldBy(blobs.flatMap(({ before }) => (before === null ? [] : [before])))
  const findings: SecretFinding[] = []
  for (const { path, change, after, tooLarge } of blobs) {
    if (findings.length >= MOST_FINDINGS) break
    const shown = withoutSecrets(path, secrets)
    if (tooLarge && after === null && change !== 'deleted' && !maySeem(path))
      findings.push({
        path: shown,
        line: null,
        rule: 'scan/too-large',
        message: 'is too large to be scanned',
      })
    const inName = after === null ? [] : [...knownIn(path, secrets), ...shapesIn(path)]
    findings.push(
      ...inName
        .slice(0, 1)
        .map(({ rule, about }) => ({ path: shown, line: null, rule, message: `its name holds ${about}` })),
    )
    if (after === null) continue
    const known = knownIn(after, secrets)
    const seeming = maySeem(path) ? [] : [...shapesIn(after), ...(await lintSecrets(after, path))]
    const isNew = ({ start, end }: Suspicion): boolean => !isHeld(after.slice(start, end))
    const suspicions = onePerLine(after, [...known, ...seeming], isNew)
    findings.push(...suspicions.map(([line, each]) => finding(shown, line, each)))
  }
  const inMessage = [...knownIn(message, secrets), ...shapesIn(message)]
  findings.push(
    ...onePerLine(message, inMessage).map(([line, each]) => finding('the commit message', line, each)),
  )
  return findings.slice(0, MOST_FINDINGS)
}

/** Whether the base holds a secret. Most that it holds have the same shape there: those are told without searching for each. */
const heldBy = (befores: readonly string[]): ((secret: string) => boolean) => {
  let shapes: ReadonlySet<string> | null = null
  return (secret) => {
    shapes ??= new Set(
      befores.flatMap((before) => findSecretShapes(before).map(({ start, end }) => before.slice(start, end))),
    )
    return shapes.has(secret) || befores.some((before) => before.includes(secret))
  }
}

const shapesIn = (text: string): Suspicion[] =>
  findSecretShapes(text)
    .filter(
      ({ id, oftenMadeUp, start, end }) =>
        !oftenMadeUp && (id !== 'private-key' || end - start >= SHORTEST_KEY),
    )
    .map(({ id, about, start, end }) => ({ rule: `pattern/${id}`, about, start, end }))

/** The shortest real one, in characters; less is a word about keys. */
const SHORTEST_KEY = 100

const finding = (path: string, line: number, { rule, about }: Suspicion): SecretFinding => ({
  path,
  line,
  rule,
  message: `holds ${about}`,
})

/** The first suspicion of each line; the others mostly mean the same secret. No more lines than can be told. */
const onePerLine = (
  text: string,
  suspicions: readonly Suspicion[],
  isNew: (suspicion: Suspicion) => boolean = () => true,
): [line: number, suspicion: Suspicion][] => {
  const found = new Map<number, Suspicion>()
  let line = 1
  let from = 0
  for (const suspicion of suspicions.toSorted((a, b) => a.start - b.start)) {
    for (
      let end = text.indexOf('\n', from);
      end >= 0 && end < suspicion.start;
      end = text.indexOf('\n', from)
    ) {
      line += 1
      from = end + 1
    }
    const there = found.get(line)
    if (there === undefined && found.size >= MOST_FINDINGS) break
    const counts =
      there === undefined || (!there.rule.startsWith('value/') && suspicion.rule.startsWith('value/'))
    if (counts && isNew(suspicion)) found.set(line, suspicion)
  }
  return [...found]
}
