import { REDACTED, withoutSecretShapes } from './redact-shapes.ts'
import { secretSpellings } from './secret-spellings.ts'

/** Makes a function that replaces these values, in every spelling, and whatever has the shape of a secret. */
export const redactorOf = (values: readonly string[]): ((text: string) => string) => {
  const spellings = [...new Set(values.flatMap(secretSpellings))].sort((a, b) => b.length - a.length)
  return (text) =>
    withoutSecretShapes(spellings.reduce((left, each) => left.replaceAll(each, REDACTED), text))
}
