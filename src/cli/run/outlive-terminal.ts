/**
 * A run goes on where its terminal has hung up, where whoever read its output is gone, and where its log takes nothing
 * more: what it would have said is lost, and `status`, `logs` and `stop` still reach it. Holds until the process ends.
 */
export const outliveTerminal = (): void => {
  const goOn = (): void => {}
  process.on('SIGHUP', goOn)
  for (const output of [process.stdout, process.stderr]) output.on('error', goOn)
}
