import type { Suspicion } from './scan-change.ts'

/** A longer text, and one that is no text, is searched by our own patterns only. */
const MAX_CHARS = 1024 * 1024

/** Asks secretlint's recommended rules. Their messages are not used: they repeat what was found. */
export const lintSecrets = async (text: string, path: string): Promise<Suspicion[]> => {
  if (text.length > MAX_CHARS || text.includes('\0')) return []
  loading ??= load()
  const { lintSource, config } = await loading
  const { messages } = await lintSource({
    source: { content: text, filePath: path, ext: /\.[^./]*$/.exec(path)?.[0] ?? '', contentType: 'text' },
    options: { config, noPhysicFilePath: true, maskSecrets: true },
  })
  return messages.flatMap(({ ruleId, messageId, range: [start, end] }) => {
    const name = ruleId.replace(/^.*secretlint-rule-/, '')
    return [
      {
        rule: `secretlint/${name}/${messageId}`.slice(0, 200),
        about: `what looks like a secret of ${name}`,
        start,
        end,
      },
    ]
  })
}

/** It costs a few dozen milliseconds once; most processes never scan anything. */
let loading: ReturnType<typeof load> | null = null

const load = async () => {
  const [{ lintSource }, { rules }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ])
  // Without the rule by which whoever can write a file switches its scan off in a comment.
  const wanted = rules.filter(({ meta }) => !meta.id.endsWith('-filter-comments'))
  return { lintSource, config: { rules: wanted.map((rule) => ({ id: rule.meta.id, rule })) } }
}
