import type { KeeperExit } from '../contracts/keeper.ts'
import type { AgentJudgement, AgentStreams, AgentType } from './agent-type.ts'

/**
 * What one execution claims. Of one that we stopped, use and session are read to the end, but its failure only as far as
 * it had written when we decided to stop it: what our stop makes of its open connections says nothing of why it waited.
 */
export const judgeRun = (
  type: Pick<AgentType, 'judge'>,
  streams: AgentStreams,
  exit: KeeperExit | null,
  endedAtMs: number,
): AgentJudgement => {
  const whole = type.judge(streams, exit, endedAtMs)
  if (exit?.saidAtStop == null) return whole
  const { failure, retryAtMs } = type.judge(upTo(streams, exit.saidAtStop), exit, endedAtMs)
  return { ...whole, failure, retryAtMs }
}

const upTo = (
  { stdout, stderr }: AgentStreams,
  { stdoutBytes, stderrBytes }: NonNullable<KeeperExit['saidAtStop']>,
): AgentStreams => ({
  stdout: { ...stdout, endBytes: stdoutBytes },
  stderr: { ...stderr, endBytes: stderrBytes },
})
