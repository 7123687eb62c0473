import { readFileSync } from 'node:fs'
import { packageRoot } from './package-root.ts'

/** The product's version, as package.json says. */
export const VERSION: string = (
  JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8')) as { version: string }
).version
