import { z } from 'zod'

/** The five lanes, in the order they start. */
export const LANES = ['goal', 'test', 'improve', 'propose', 'review'] as const
export const LaneName = z.enum(LANES)
export type LaneName = z.infer<typeof LaneName>

/** The lanes whose work is a task of their own kind (`review` owns pull requests, `propose` writes tasks). */
export const TASK_KINDS = ['goal', 'test', 'improve'] as const
export const TaskKind = z.enum(TASK_KINDS)
export type TaskKind = z.infer<typeof TaskKind>
