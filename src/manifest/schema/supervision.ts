import { z } from 'zod'
import { count, duration } from './scalars.ts'

const Heartbeat = z.strictObject({
  every: duration({ minMs: 10 }).default('5s').describe('How often a lane stamps that its loop turns.'),
  stale_after: duration({ minMs: 20 })
    .default('45s')
    .describe('How old a stamp may be and still count; at least twice `every`.'),
})

const Probe = z.strictObject({
  every: duration({ minMs: 10 })
    .default('15s')
    .describe('How often a lane is asked for a fresh proof of life.'),
  answer_within: duration({ minMs: 10 })
    .default('5s')
    .describe('How long it has to answer; less than `every`.'),
})

const Restart = z.strictObject({
  max: count(1, 1000)
    .default(5)
    .describe('How many deaths `within` a child may have before it is quarantined.'),
  within: duration({ minMs: 100 }).default('10m').describe('The window in which deaths are counted.'),
  backoff_min: duration({ minMs: 0 })
    .default('250ms')
    .describe('The wait before the second restart; it grows from there.'),
  backoff_max: duration({ minMs: 0 }).default('5m').describe('The longest wait between restarts.'),
})

const Recovery = z.strictObject({
  max: count(1, 100).default(3).describe('How many recoveries `within` before a person is asked.'),
  within: duration({ minMs: 100 }).default('1h').describe('The window in which recoveries are counted.'),
})

export const Supervision = z
  .strictObject({
    heartbeat: Heartbeat.prefault({}),
    probe: Probe.prefault({}),
    restart: Restart.prefault({}),
    recovery: Recovery.prefault({}),
    orphan_timeout: duration({ minMs: 100 })
      .default('30m')
      .describe('How long an agent or lane goes on without a living supervisor before it stops itself.'),
  })
  .prefault({})
