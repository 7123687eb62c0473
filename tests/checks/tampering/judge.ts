import { expect } from 'vitest'
import { findTampering } from '../../../src/checks/tampering/find-tampering.ts'

/** The files of a change, each as it was and as it is. */
export type Files = Readonly<Record<string, readonly [before: string | null, after: string | null]>>

const CHECKS = ['npm test', 'make lint', './check.sh']

/** What is found of a change; everything in it can be read. */
export const judge = (files: Files, checks: readonly string[] = CHECKS) =>
  findTampering(
    Object.entries(files).map(([path, [before, after]]) => ({ path, before, after, tooLarge: false })),
    checks,
  )

/** The rules that found something, each once. */
export const rulesOf = (files: Files, checks?: readonly string[]): string[] => [
  ...new Set(judge(files, checks).found.map(({ rule }) => rule.replace('tampering.', ''))),
]

/** A text before and after an edit that must bite. */
export const edit = (text: string, from: string, to: string): [string, string] => {
  expect(text).toContain(from)
  return [text, text.replace(from, to)]
}
