/** How a language writes what is no code. */
export interface Syntax {
  readonly lineComments: readonly string[]
  readonly blockComments: readonly (readonly [open: string, close: string])[]
  /** The longest opening first. */
  readonly strings: readonly StringSyntax[]
  /** `'` begins a character, or something else (a lifetime, a digit separator). */
  readonly charLiterals: boolean
  /** `/…/` after an operator is a regular expression. */
  readonly regexLiterals: boolean
}

interface StringSyntax {
  readonly open: string
  readonly close: string
  readonly escapes: boolean
  readonly multiline: boolean
}

/** A text twice, both as long as it is and with its line ends: one with the code only, one with the comments only. */
export interface MaskedSource {
  readonly text: string
  /** Strings keep their delimiters and comments nothing; the rest of both is blank. */
  readonly code: string
  readonly comments: string
}

/**
 * Tells code, comments and strings apart, so that what a rule looks for is not found where it means nothing. No parser:
 * in doubt (a string that its line does not close) text counts as code, because a rule rather asks too much. Takes linear
 * time whatever the text: where one search for a close failed, no other is made.
 */
export const maskSource = (text: string, syntax: Syntax): MaskedSource => {
  const code: string[] = []
  const comments: string[] = []
  let from = 0
  let last = ''
  const put = (to: number, as: 'code' | 'comment' | 'string', delimiter = 0): void => {
    const part = text.slice(from, to)
    const blank = part.replace(/[^\n]/g, ' ')
    const edges =
      as !== 'string'
        ? ''
        : `${part.slice(0, delimiter)}${blank.slice(delimiter, blank.length - delimiter)}${part.slice(Math.max(delimiter, part.length - delimiter))}`
    code.push(as === 'code' ? part : as === 'comment' ? blank : edges)
    comments.push(as === 'comment' ? part : blank)
    if (as !== 'comment') last = part.trimEnd().slice(-12) || last
    from = to
  }
  const special = openings(syntax)
  const ends = { string: stringEnds(text), regex: regexEnds(text) }
  for (let at = nextOf(special, text, 0); at < text.length; ) {
    if (at > from) put(at, 'code')
    const found = tokenAt(text, at, syntax, ends, last)
    if (found === null) at = nextOf(special, text, at + 1)
    else {
      put(found.end, found.as, found.delimiter)
      at = nextOf(special, text, found.end)
    }
  }
  if (from < text.length) put(text.length, 'code')
  return { text, code: code.join(''), comments: comments.join('') }
}

interface Token {
  readonly end: number
  readonly as: 'comment' | 'string'
  /** How long each of its delimiters is. */
  readonly delimiter: number
}

/** Where what begins at a place ends; null where it is not closed. */
interface Ends {
  readonly string: (from: number, syntax: StringSyntax) => number | null
  readonly regex: (from: number) => number | null
}

const tokenAt = (text: string, at: number, syntax: Syntax, ends: Ends, before: string): Token | null => {
  if (syntax.lineComments.some((open) => text.startsWith(open, at)))
    return { end: lineEnd(text, at), as: 'comment', delimiter: 0 }
  for (const [open, close] of syntax.blockComments) {
    if (!text.startsWith(open, at)) continue
    const end = text.indexOf(close, at + open.length)
    return { end: end < 0 ? text.length : end + close.length, as: 'comment', delimiter: 0 }
  }
  for (const string of syntax.strings) {
    if (!text.startsWith(string.open, at)) continue
    const end = ends.string(at + string.open.length, string)
    return end === null ? null : { end, as: 'string', delimiter: string.close.length }
  }
  if (syntax.charLiterals && text[at] === "'") {
    const char = /^'(?:\\[^\n]{1,8}?|[^\\'\n])'/.exec(text.slice(at, at + 12))
    return char === null ? null : { end: at + char[0].length, as: 'string', delimiter: 1 }
  }
  if (syntax.regexLiterals && text[at] === '/' && BEFORE_REGEX.test(before)) {
    const end = ends.regex(at + 1)
    return end === null ? null : { end, as: 'string', delimiter: 1 }
  }
  return null
}

/** What stands before a regular expression, never before a division. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else))$/

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/**
 * A search that fails has passed every later opening of its kind up to where it gave up: one that it did not take for a
 * close stood behind a backslash, and from there both read the same characters.
 */
const stringEnds = (text: string): Ends['string'] => {
  const unclosedTo = new Map<StringSyntax, number>()
  return (from, syntax) => {
    const { close, escapes, multiline } = syntax
    let at = from
    if (at <= (unclosedTo.get(syntax) ?? -1)) return null
    for (; at < text.length && (multiline || text[at] !== '\n'); at += 1) {
      if (escapes && text[at] === '\\') at += 1
      else if (text[at] === close[0] && text.startsWith(close, at)) return at + close.length
    }
    unclosedTo.set(syntax, at)
    return null
  }
}

/** A search that fails marks where it has been, inside and outside of a class: another one that comes there fails too. */
const regexEnds = (text: string): Ends['regex'] => {
  let failing: Uint8Array | null = null
  return (from) => {
    const been: number[] = []
    let inClass = 0
    for (let at = from; at < text.length && text[at] !== '\n'; at += 1) {
      const place = 2 * at + inClass
      if (failing?.[place] === 1) break
      been.push(place)
      if (text[at] === '\\') at += 1
      else if (text[at] === '[') inClass = 1
      else if (text[at] === ']') inClass = 0
      else if (text[at] === '/' && inClass === 0) return at + 1
    }
    failing ??= new Uint8Array(2 * text.length)
    for (const place of been) failing[place] = 1
    return null
  }
}

/** Only at these characters something can begin. */
const openings = (syntax: Syntax): RegExp => {
  const first = new Set([
    ...[
      ...syntax.lineComments,
      ...syntax.blockComments.map(([open]) => open),
      ...syntax.strings.map(({ open }) => open),
    ].map((open) => open[0] ?? ''),
    ...(syntax.charLiterals ? ["'"] : []),
    ...(syntax.regexLiterals ? ['/'] : []),
  ])
  return new RegExp(
    `[${[...first].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}]`,
    'g',
  )
}

const nextOf = (special: RegExp, text: string, from: number): number => {
  special.lastIndex = from
  return special.exec(text)?.index ?? text.length
}
