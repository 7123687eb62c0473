const UNIT_BYTES = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const

/** A number with a binary unit: `512MiB`, `1.5GiB`, `0B`. */
export const SIZE_PATTERN = /^\d{1,9}(?:\.\d{1,3})?(?:B|KiB|MiB|GiB|TiB)$/

/**
 * Reads a size in bytes, rounded up to a whole byte; null where the text is none.
 * @example parseSize('2GiB') === 2_147_483_648
 */
export const parseSize = (text: string): number | null => {
  if (!SIZE_PATTERN.test(text)) return null
  const [, amount, unit] = /^([\d.]+)(.+)$/.exec(text) as RegExpExecArray
  return Math.ceil(Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES])
}
