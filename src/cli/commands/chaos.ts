import { Command } from 'commander'
import { countOf } from '../look/option-values.ts'
import { RefusedError } from '../report-error.ts'

/** `oc-supervise chaos`: kills whatever it likes, as often as it likes, and looks whether the end is the same. */
export const command = (): Command =>
  new Command()
    .description(
      'Runs one task again and again on a sample repository, offline, killing random processes of the tree with SIGKILL, and checks each time: one merge, one branch, nothing left running, everything verified.',
    )
    .option('--rounds <count>', 'how many rounds', countOf('--rounds'), 5)
    .option('--kills <count>', 'how many kills a round at most', countOf('--kills'), 4)
    .option('--seed <seed>', 'repeat the choices of an earlier storm', countOf('--seed'))
    .addHelpText('after', '\nExample\n  oc-supervise chaos --rounds 20 --seed 4711\n')
    .action(async (options: { rounds: number; kills: number; seed?: number }) => {
      const { runStorm } = await import('../chaos/run-storm.ts')
      const { failed, seed } = await runStorm({ ...options, seed: options.seed ?? null })
      if (failed > 0)
        throw new RefusedError('storm_lost', `${failed} rounds failed; repeat with --seed ${seed}`)
    })
