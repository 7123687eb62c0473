import { RefusedError } from '../report-error.ts'

/** What a command found out: one object for `--json`, text for people. */
export interface Answer {
  readonly json: object
  readonly text: string
  /** Where the facts themselves amount to a refusal: they are printed, and the exit is 1. */
  readonly refused?: { readonly code: string; readonly message: string }
}

/**
 * Prints what `work` found out on standard output. With `--json` that is exactly one object, for a refusal too:
 * `{"ok": false, "code": …, "message": …}` beside what is known.
 * @throws RefusedError as `work` did, or as its answer says; it is reported on standard error.
 */
export const printAnswer = async (
  asJson: boolean | undefined,
  work: () => Promise<Answer>,
): Promise<void> => {
  const answer = await printingRefusal(asJson, work)
  const { json, text, refused } = answer
  if (asJson === true) writeOut(jsonLine(refused === undefined ? json : { ...refusal(refused), ...json }))
  else writeOut(text.endsWith('\n') || text === '' ? text : `${text}\n`)
  if (refused !== undefined) throw new RefusedError(refused.code, refused.message)
}

/**
 * Does `work`, which prints what it finds out itself. With `--json` a refusal is one object on standard output.
 * @throws what `work` throws.
 */
export const printingRefusal = async <T>(asJson: boolean | undefined, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (asJson === true && error instanceof RefusedError) writeOut(jsonLine(refusal(error)))
    throw error
  }
}

/** Writes to standard output; a reader that went away (`| head`) ends us quietly. */
export const writeOut = (text: string): void => {
  if (process.stdout.listenerCount('error', endOnClosedPipe) === 0)
    process.stdout.on('error', endOnClosedPipe)
  process.stdout.write(text)
}

const endOnClosedPipe = (error: NodeJS.ErrnoException): void => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
}

const refusal = ({ code, message }: { code: string; message: string }) => ({ ok: false, code, message })

/** JSON keeps what it means, but no character that a terminal would obey gets through. */
const jsonLine = (value: object): string =>
  `${JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, escapeUnits)}\n`

const escapeUnits = (character: string): string =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')
