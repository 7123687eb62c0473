import { z } from 'zod'
import { Key, RunId, Sha256, TaskId } from './ids.ts'
import { LaneName } from './lane-name.ts'
import { PathGlob, Risk, TaskType, Trust } from './task.ts'

/** What we are about to do and within which limits; written before anything runs. */
export const Proposal = z.object({
  taskId: TaskId,
  runId: RunId,
  repo: Key,
  baseBranch: z.string().min(1),
  title: z.string().min(1),
  goal: z.string().min(1),
  constraints: z.string().nullable(),
  /** What programs and agents said; see TaskSpec. */
  quoted: z.string().nullable().default(null),
  type: TaskType,
  risk: Risk,
  allowedPaths: z.array(PathGlob),
  checks: z.array(z.string()),
  labels: z.array(z.string()),
  /** Of the task's author: labels that loosen a rule count only from a trusted one. */
  trust: Trust,
  /** Hash of the compiled manifest this run began with. */
  manifestHash: Sha256,
  proposedAtMs: z.number().int(),
})
export type Proposal = z.infer<typeof Proposal>

/** Who does it, and by which rule. */
export const Decision = z.object({
  lane: LaneName,
  agent: Key,
  /** Who takes over, in this order, when the agent is out of quota, cannot log in or its model fails. */
  fallbacks: z
    .array(z.object({ agent: Key, agentType: z.string().min(1), model: z.string().nullable() }))
    .default([]),
  agentType: z.string().min(1),
  model: z.string().nullable(),
  rule: z.string().min(1),
  rationale: z.string().min(1),
})
export type Decision = z.infer<typeof Decision>
