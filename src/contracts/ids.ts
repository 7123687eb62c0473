import { z } from 'zod'

/** The kinds of id that modules share; every id carries its kind as a prefix, so that a mix-up is visible. */
export const ID_KINDS = ['task', 'run', 'att', 'gate', 'review', 'pull', 'inc'] as const
export type IdKind = (typeof ID_KINDS)[number]

const idOf = (kind: IdKind) =>
  z
    .string()
    .regex(
      new RegExp(`^${kind}-[a-z0-9][a-z0-9-]{0,63}$`),
      `must look like ${kind}-… (lower case, digits, hyphens)`,
    )

/** `task-…`: one piece of work on a board. */
export const TaskId = idOf('task').brand('TaskId')
export type TaskId = z.infer<typeof TaskId>
/** `run-…`: all work on one task, from its claim to its end. */
export const RunId = idOf('run').brand('RunId')
export type RunId = z.infer<typeof RunId>
/** `att-…`: one agent execution in one workspace. */
export const AttemptId = idOf('att').brand('AttemptId')
export type AttemptId = z.infer<typeof AttemptId>
/** `gate-…`: one human decision. */
export const GateId = idOf('gate').brand('GateId')
export type GateId = z.infer<typeof GateId>
/** `review-…`: the review loop of one pull request. */
export const ReviewId = idOf('review').brand('ReviewId')
export type ReviewId = z.infer<typeof ReviewId>
/** `pull-…`: one pull request on a forge. */
export const PullId = idOf('pull').brand('PullId')
export type PullId = z.infer<typeof PullId>
/** `inc-…`: one life of one child process. */
export const IncarnationId = idOf('inc').brand('IncarnationId')
export type IncarnationId = z.infer<typeof IncarnationId>

/** What a key of a manifest map looks like; the one such word that every object of JavaScript knows is none. */
export const KEY_PATTERN = /^(?!constructor$)[a-z0-9][a-z0-9-]{0,39}$/

/** A key of a manifest map (repository, agent, lane, service, operator); see docs/manifest.md. */
export const Key = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must match [a-z0-9][a-z0-9-]{0,39}')
  // Apart from the pattern: that is part of what stored actors were written by.
  .refine((key) => KEY_PATTERN.test(key), 'must not be "constructor"')
export type Key = z.infer<typeof Key>

/** A full git object name. */
export const Sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 'must be a full git object name')
export type Sha = z.infer<typeof Sha>

/** A lower-case hexadecimal SHA-256. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
export type Sha256 = z.infer<typeof Sha256>
