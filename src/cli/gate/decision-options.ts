import { type Command, Option } from 'commander'
import { type StateOptions, withStateOptions } from '../compose/select-state.ts'
import { textOf, textsOf } from '../look/option-values.ts'
import { UsageError } from '../report-error.ts'

/** What a person may say with a decision. */
export interface DecisionOptions extends StateOptions {
  readonly by?: string
  readonly note: string
  readonly key?: string
  readonly evidencePath?: readonly string[]
  readonly statementOut?: string
  readonly statement?: string
  readonly signature?: string
  readonly json?: boolean
}

/** Adds what every form of deciding takes. */
export const withDecisionOptions = (command: Command): Command =>
  withStateOptions(command)
    .option('--by <name>', 'the operator who decides, as the manifest names them', textOf('--by'))
    .requiredOption('--note <text>', 'why; it is signed with the decision', textOf('--note'))
    .option(
      '--key <key>',
      'private key file, .pub file of a key in the SSH agent, or key::ssh-… AAAA…',
      textOf('--key'),
    )
    .addOption(
      new Option(
        '--evidence-path <file>',
        'a file the decision rests on; its hash is signed (any number)',
      ).argParser(textsOf('--evidence-path')),
    )
    .option('--json', 'print one JSON object')

/** Adds the two halves of signing on another machine. */
export const withDetachedOptions = (command: Command): Command =>
  withDecisionOptions(command)
    .option(
      '--statement-out <file>',
      'write the statement to sign elsewhere, decide nothing',
      textOf('--statement-out'),
    )
    .option('--statement <file>', 'a statement that was signed elsewhere', textOf('--statement'))
    .option('--signature <file>', 'its signature, as ssh-keygen -Y sign wrote it', textOf('--signature'))

/**
 * Which of the three ways of deciding is meant.
 * @throws UsageError where they are mixed or incomplete.
 */
export const wayOf = (options: DecisionOptions): 'sign' | 'write_statement' | 'send_signed' => {
  const { statementOut, statement, signature, key, evidencePath } = options
  const isSigned = statement !== undefined || signature !== undefined
  if (isSigned && (statement === undefined || signature === undefined)) {
    throw new UsageError(
      '--statement and --signature go together: the file that was signed, and what was written beside it',
    )
  }
  if (isSigned && (key !== undefined || evidencePath !== undefined || statementOut !== undefined)) {
    throw new UsageError(
      '--statement is signed already: leave out --key, --evidence-path and --statement-out',
    )
  }
  if (statementOut !== undefined && key !== undefined) {
    throw new UsageError('--statement-out writes what is signed elsewhere: leave out --key')
  }
  if (!isSigned && options.by === undefined) {
    throw new UsageError('--by NAME is missing: which operator decides?')
  }
  if (isSigned) return 'send_signed'
  return statementOut === undefined ? 'sign' : 'write_statement'
}
