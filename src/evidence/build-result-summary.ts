import { describeCost } from './describe-cost.ts'
import type { RunSummary } from './run-summary.ts'

/** Builds a run's `result_summary.md`. Text from tasks and agents is shown as text: it cannot become a link, an image or a heading. */
export const buildResultSummary = (summary: RunSummary): string => {
  const facts: ReadonlyArray<readonly [string, string]> = [
    ['Run', summary.runId],
    ['Task', `${summary.task.id} in ${summary.task.repo}`],
    ['Status', summary.status],
    ['Changed files', changedFilesOf(summary)],
    ['Checks', checksOf(summary)],
    ['Commit', summary.commit?.sha ?? 'none'],
    [
      'Pull request',
      summary.pull === null ? 'none' : `${summary.pull.id} (${summary.pull.state}) ${summary.pull.url}`,
    ],
    ['Attempts', `${summary.totals.attempts}, interrupted: ${summary.totals.interrupted}`],
    ['Cost', describeCost(summary)],
    ['Recorded', summary.recordedAt],
  ]
  const lines = summary.attempts.map(({ attempt, attemptId, status, summary: told, recorded }) => {
    const label = recorded ? ' (a replayed recording)' : ''
    return `${attempt}. ${inline(attemptId)}: ${inline(status)}${label}. ${inline(told)}`
  })
  return [
    `# ${inline(summary.task.title)}`,
    '',
    ...facts.map(([name, value]) => `- ${name}: ${inline(value)}`),
    '',
    '## Attempts',
    '',
    ...lines,
    '',
  ].join('\n')
}

const changedFilesOf = ({ changedFiles }: RunSummary): string =>
  changedFiles.status === 'KNOWN'
    ? `${changedFiles.files} (+${changedFiles.linesAdded} −${changedFiles.linesRemoved})`
    : [changedFiles.status, ...(changedFiles.reason === null ? [] : [changedFiles.reason])].join(': ')

const checksOf = ({ validation }: RunSummary): string =>
  `${validation.status} (${validation.passed} passed, ${validation.failed} failed)`

/** One line in which no character means anything to Markdown or HTML. */
const inline = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    .replace(/[\\`*_[\]<>|~&]/g, '\\$&')
