import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** One thing that may go. */
export interface Item {
  readonly subject: string
  readonly why: string
  readonly bytes: number
}

/** One thing that went, or would go. */
export interface Removed extends Item {
  readonly kind: ChoreKind
}

/** One thing that stays although its time is over, and why. */
export interface Kept {
  readonly kind: ChoreKind
  readonly subject: string
  readonly why: string
}

export type ChoreKind = 'workspace' | 'evidence' | 'keeper' | 'journal' | 'saved' | 'log' | 'mirror'

/** Things that go together: all of it is looked at again, and proved, right before it goes. */
export interface Chore {
  readonly kind: ChoreKind
  readonly items: readonly Item[]
  /** Removes the items. @returns those that had to stay, by subject; when it throws, all of them */
  act(): Promise<ReadonlyMap<string, string>>
}

/** What one part of the state folder has for the janitor. */
export interface Plan {
  readonly chores: readonly Chore[]
  readonly kept: readonly Kept[]
}

/** Every item went. */
export const NOTHING_KEPT: ReadonlyMap<string, string> = new Map()

/** Bytes of a file or a whole folder, as far as they can be counted: what an agent made may be closed to us, or too deep. */
export const bytesOf = (path: string): number => {
  try {
    const facts = lstatSync(path)
    if (!facts.isDirectory()) return facts.size
    return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
  } catch {
    return 0
  }
}

/** The names in a folder; none where it is not there. */
export const namesIn = (dir: string): string[] =>
  lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(dir).sort() : []
