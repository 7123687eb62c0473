import { type ChangedContent, changedBlobs } from '../../workspace/changed-blobs.ts'

/** More than this is read again rather than kept, in characters. */
const MOST_KEPT = 4 * 1024 * 1024

/**
 * Reads changes and keeps the latest small ones for a moment: a commit is judged, checked and then scanned, and the two
 * that read it need not run git twice. Commits never change, so what is kept is always right.
 */
export const rememberedChange = (most = 4): typeof changedBlobs => {
  const kept = new Map<string, ChangedContent>()
  return async (input) => {
    const key = `${input.mirror}\n${input.from}\n${input.to}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const read = await changedBlobs(input)
    const size = read.blobs.reduce(
      (sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0),
      0,
    )
    if (size > MOST_KEPT) return read
    kept.set(key, read)
    for (const oldest of [...kept.keys()].slice(0, -most)) kept.delete(oldest)
    return read
  }
}
