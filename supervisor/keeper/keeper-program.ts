import { fileURLToPath } from 'node:url'

/** The keeper's program: beside this file, in source and in the built tree alike. */
export const KEEPER_PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './keeper-main.ts' : './keeper-main.js', import.meta.url),
)
