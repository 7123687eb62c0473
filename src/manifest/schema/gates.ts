import { z } from 'zod'
import { say } from '../explain-issue.ts'
import { key } from './key.ts'
import { duration, path, text } from './scalars.ts'

const Operator = z
  .strictObject({
    ssh_key: text(20_000).optional().describe('The public key itself, one line as in a `.pub` file.'),
    ssh_key_file: path().optional().describe('The `.pub` file that holds it.'),
  })
  .refine((operator) => (operator.ssh_key === undefined) !== (operator.ssh_key_file === undefined), {
    error: () => say('must name exactly one public key', 'write either ssh_key or ssh_key_file'),
  })

export const Gates = z
  .strictObject({
    signing: z
      .enum(['required', 'optional'])
      .default('required')
      .describe(
        'Whether a decision without a valid signature counts. `optional`: it does, and is recorded as unsigned.',
      ),
    operators: z.record(key(), Operator).default({}).describe('The people who may decide, by name.'),
    expires_after: duration({ minMs: 1000 })
      .default('7d')
      .describe('How long a gate stays open for a decision.'),
  })
  .prefault({})
