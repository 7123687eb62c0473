import { z } from 'zod'
import { TAMPERING_MODES } from '../../contracts/tampering.ts'
import { Risk, TaskType } from '../../contracts/task.ts'
import { count } from './scalars.ts'

const RequireApproval = z.strictObject({
  risk: z
    .array(Risk)
    .max(3)
    .default(['high'])
    .describe('Tasks of these risks wait for a person before they start.'),
  task_types: z
    .array(TaskType)
    .max(9)
    .default([])
    .describe('Tasks of these types wait for a person before they start.'),
})

export const Policy = z
  .strictObject({
    require_approval: RequireApproval.prefault({}),
    max_changed_files: count(1, 1_000_000)
      .nullable()
      .default(null)
      .describe('Work that changes more files is refused. Absent: no limit.'),
    max_changed_lines: count(1, 100_000_000)
      .nullable()
      .default(null)
      .describe('Work that adds and removes more lines is refused. Absent: no limit.'),
    tampering: z
      .enum(TAMPERING_MODES)
      .default('block')
      .describe(
        'What happens to work that deletes, skips or weakens tests, adds suppressions, or edits CI or what the checks run.',
      ),
    restore_tests: z
      .boolean()
      .default(true)
      .describe(
        'Work that changed existing tests is checked twice: as it is, and with those files as the base has them.',
      ),
  })
  .prefault({})
