import { InvalidArgumentError } from 'commander'
import { parseDuration as parse } from '../manifest/duration.ts'

/** A duration on the command line, spelled as in manifests (`90s`, `10m`, `24h`), in milliseconds. */
export const parseDuration = (text: string): number => {
  const ms = parse(text)
  if (ms === null) throw new InvalidArgumentError('write a number with a unit, such as 90s, 10m or 24h')
  return ms
}
