import { Command } from 'commander'
import { withStateOptions } from '../compose/select-state.ts'
import type { DoctorOptions } from '../doctor/run-doctor.ts'
import { printAnswer } from '../print/print-answer.ts'

/** `oc-supervise doctor`: is everything here in order, and what can be done about the rest? */
export const command = (): Command =>
  withStateOptions(new Command())
    .description(
      'Checks this host, the state folder, the journal and what was left over; exit 1 if anything needs attention. Only reads, unless told to fix',
    )
    .option(
      '--fix-safe',
      'carry out what is safe: the fixes of the recovery ladder, while no supervisor runs',
    )
    .option('--dry-run', 'with --fix-safe: only say what would be done')
    .option('--json', 'print one JSON object: {"checks": […], "fixes": […]}')
    .addHelpText(
      'after',
      '\nExamples\n  oc-supervise doctor\n  oc-supervise doctor --fix-safe --dry-run --name api\n',
    )
    .action(async (options: DoctorOptions & { json?: boolean }) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts')
      await printAnswer(options.json, () => runDoctor(options))
    })
