/** A makefile: what each target runs, and everything else that has a say in it. */
interface Makefile {
  readonly targets: ReadonlyMap<
    string,
    { readonly lines: readonly string[]; readonly needs: readonly string[] }
  >
  readonly preamble: string
  readonly first: string
}

/** What changed of the targets that checks run and of those they need. `` among them is the default target. */
export const editedTargets = (before: string, after: string, wanted: ReadonlySet<string>): string[] => {
  const old = readMakefile(before)
  const now = readMakefile(after)
  const names = new Set([...reached(old, wanted), ...reached(now, wanted)])
  const text = (file: Makefile, name: string): string => file.targets.get(name)?.lines.join('\n') ?? ''
  const edited = [...names].filter((name) => text(old, name) !== text(now, name))
  return [
    ...edited.map((name) => `changes the target "${name.slice(0, 60)}", which the checks run`),
    ...(old.preamble === now.preamble
      ? []
      : ['changes variables or conditions of the targets that the checks run']),
  ]
}

const reached = (file: Makefile, wanted: ReadonlySet<string>): Set<string> => {
  const found = new Set<string>()
  const visit = (name: string): void => {
    if (name === '' || found.has(name)) return
    found.add(name)
    for (const other of file.targets.get(name)?.needs ?? []) visit(other)
  }
  for (const name of wanted) visit(name === '' ? file.first : name)
  return found
}

const RULE = /^([^\s:=#][^:=#\n]{0,500}?)[ \t]{0,8}::?(?!=)([^\n]*)$/

const readMakefile = (text: string): Makefile => {
  const targets = new Map<string, { lines: string[]; needs: string[] }>()
  const preamble: string[] = []
  let current: { lines: string[]; needs: string[] }[] = []
  for (const line of text.split('\n')) {
    const rule = RULE.exec(line)
    if (rule !== null) {
      const needs = (rule[2] ?? '').split(/[\s;]+/).filter((word) => word !== '')
      current = (rule[1] ?? '')
        .trim()
        .split(/\s+/)
        .map((name) => {
          const target = targets.get(name) ?? { lines: [], needs: [] }
          targets.set(name, target)
          return target
        })
      for (const target of current) {
        target.lines.push(line.trim())
        target.needs.push(...needs)
      }
    } else if (/^[ \t]/.test(line)) {
      for (const target of current) target.lines.push(line.trimEnd())
    } else if (line.trim() !== '' && !line.startsWith('#')) {
      current = []
      preamble.push(line.trim())
    }
  }
  const first = [...targets.keys()].find((name) => !name.startsWith('.')) ?? ''
  return { targets, preamble: preamble.join('\n'), first }
}
