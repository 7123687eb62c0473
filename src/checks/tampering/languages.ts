import type { Syntax } from './mask-source.ts'
import { CSHARP, GO, JAVA, JAVASCRIPT, PYTHON, RUBY, RUST, type TestSyntax } from './test-syntax.ts'

/** What we know of a language: how it hides text, and how its tests look. */
export interface Language {
  readonly name: 'javascript' | 'python' | 'go' | 'rust' | 'java' | 'ruby' | 'csharp' | 'other'
  readonly syntax: Syntax
  /** Null where we do not know how tests look. */
  readonly tests: TestSyntax | null
}

const string = (open: string, options: { multiline?: boolean; escapes?: boolean; close?: string } = {}) => ({
  open,
  close: options.close ?? open,
  multiline: options.multiline ?? false,
  escapes: options.escapes ?? true,
})

const C_COMMENTS = { lineComments: ['//'], blockComments: [['/*', '*/']] } as const
const HASH_COMMENTS = { lineComments: ['#'], blockComments: [] } as const
const PLAIN = { charLiterals: false, regexLiterals: false } as const

const javascript: Language = {
  name: 'javascript',
  syntax: {
    lineComments: ['//'],
    blockComments: [
      ['/*', '*/'],
      ['<!--', '-->'],
    ],
    strings: [string('`', { multiline: true }), string("'"), string('"')],
    charLiterals: false,
    regexLiterals: true,
  },
  tests: JAVASCRIPT,
}
const python: Language = {
  name: 'python',
  syntax: {
    ...HASH_COMMENTS,
    strings: [
      string('"""', { multiline: true }),
      string("'''", { multiline: true }),
      string("'"),
      string('"'),
    ],
    ...PLAIN,
  },
  tests: PYTHON,
}
const go: Language = {
  name: 'go',
  syntax: {
    ...C_COMMENTS,
    strings: [string('`', { multiline: true, escapes: false }), string('"')],
    charLiterals: true,
    regexLiterals: false,
  },
  tests: GO,
}
const rust: Language = {
  name: 'rust',
  syntax: {
    ...C_COMMENTS,
    strings: [
      string('r#"', { multiline: true, escapes: false, close: '"#' }),
      string('"', { multiline: true }),
    ],
    charLiterals: true,
    regexLiterals: false,
  },
  tests: RUST,
}
const java: Language = {
  name: 'java',
  syntax: {
    ...C_COMMENTS,
    strings: [string('"""', { multiline: true }), string('"')],
    charLiterals: true,
    regexLiterals: false,
  },
  tests: JAVA,
}
const csharp: Language = {
  name: 'csharp',
  syntax: {
    ...C_COMMENTS,
    strings: [
      string('"""', { multiline: true, escapes: false }),
      string('@"', { multiline: true, escapes: false, close: '"' }),
      string('"'),
    ],
    charLiterals: true,
    regexLiterals: false,
  },
  tests: CSHARP,
}
const ruby: Language = {
  name: 'ruby',
  syntax: {
    lineComments: ['#'],
    blockComments: [['=begin', '=end']],
    strings: [string("'"), string('"')],
    ...PLAIN,
  },
  tests: RUBY,
}
/** Languages whose tests we cannot read; their comments we can. */
const cLike: Language = {
  name: 'other',
  syntax: { ...C_COMMENTS, strings: [string('"')], charLiterals: true, regexLiterals: false },
  tests: null,
}
const script: Language = {
  name: 'other',
  syntax: { ...HASH_COMMENTS, strings: [string("'"), string('"')], ...PLAIN },
  tests: null,
}

const BY_EXTENSION: Readonly<Record<string, Language>> = {
  ...all(javascript, 'js jsx mjs cjs ts tsx mts cts vue svelte astro'),
  ...all(python, 'py pyi pyx'),
  ...all(go, 'go'),
  ...all(rust, 'rs'),
  ...all(java, 'java kt kts groovy scala'),
  ...all(csharp, 'cs fs vb'),
  ...all(ruby, 'rb rake'),
  ...all(cLike, 'c h cc cpp cxx hpp m mm swift php dart'),
  ...all(script, 'sh bash zsh ex exs pl r jl'),
}

/** The language of a file by its name; null for what holds no code. */
export const languageOf = (path: string): Language | null => {
  const extension = /\.([A-Za-z]+)$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] ?? null) : null
}

function all(language: Language, extensions: string): Record<string, Language> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, language]))
}
