import { expect } from 'vitest'

/** A line of a stack. */
export const STACK = /\n\s+at /

/** A clear error: the code of usage or refusal, one message that says what, nothing a terminal would obey, no stack. */
export const expectClear = (
  { code, stderr }: { readonly code: number | null; readonly stderr: string },
  said: RegExp,
): void => {
  expect(stderr).toMatch(said)
  expect([1, 2], stderr).toContain(code)
  expect(stderr).not.toMatch(STACK)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not come through
  expect(stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
  expect(stderr.length).toBeLessThan(4_000)
}
