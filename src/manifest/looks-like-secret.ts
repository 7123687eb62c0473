/** Shapes that providers give their tokens, and private keys. */
const SECRET_SHAPES = [
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\bgh[pousr]_[A-Za-z0-9]{20,}/,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/,
  /\bglpat-[A-Za-z0-9_-]{16,}/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bAIza[0-9A-Za-z_-]{30,}/,
  /\bplane_api_[0-9a-f]{16,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./,
] as const

/** True where a text has the shape of a secret: it is then neither accepted in the clear nor shown in a message. */
export const looksLikeSecret = (text: string): boolean => SECRET_SHAPES.some((shape) => shape.test(text))

/** True where a URL carries a password. Fine in a variable (a test database has one), never in a repository's address. */
export const holdsPassword = (text: string): boolean => /:\/\/[^/@\s:]*:[^/@\s]+@/.test(text)
