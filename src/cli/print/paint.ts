const COLOURS = { red: 31, green: 32, yellow: 33, cyan: 36, grey: 90, bold: 1 } as const
export type Colour = keyof typeof COLOURS

/** Colours text for standard output where a terminal shows it and NO_COLOR is not set (https://no-color.org). */
export const paint = (text: string, colour: Colour | null): string =>
  colour === null || !hasColours() ? text : `\u001b[${COLOURS[colour]}m${text}\u001b[0m`

const hasColours = (): boolean =>
  process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
