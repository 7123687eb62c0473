import { afterEach, expect, test } from 'vitest'
import { keeperPort } from '../../../src/cli/compose/keeper-port.ts'
import { findMarked } from '../../../src/platform/end-process.ts'
import { readRegistrations } from '../../../src/platform/registrations.ts'
import { stateOf } from '../../chaos/project-processes.ts'
import { clock, makeSpec, owner } from '../../supervisor/keeper/keeper-fixture.ts'
import { until } from '../../support/until.ts'

afterEach(() => {
  delete process.env.OC_SUPERVISE_FAILPOINT
})

test('a keeper whose story has ended leaves no registration behind, and stays known by its folder', async () => {
  const { layout, spec } = makeSpec('exit 3')
  const port = keeperPort(layout, owner, clock)
  await port.start(spec, {})
  const ended = await port.await(spec.attempt, new AbortController().signal)
  expect(ended).toMatchObject({ ending: 'exited', exit: { exitCode: 3 } })
  expect(readRegistrations(layout.registrations)).toEqual([])
  expect(port.exists(spec.attempt)).toBe(true)
})

test('one that was killed leaves none either', async () => {
  process.env.OC_SUPERVISE_FAILPOINT = 'keeper.agent_started=kill'
  const { layout, spec } = makeSpec('sleep 300')
  const port = keeperPort(layout, owner, clock)
  await port.start(spec, {})
  expect(await port.await(spec.attempt, new AbortController().signal)).toEqual({ ending: 'lost' })
  expect(readRegistrations(layout.registrations)).toEqual([])
})

test('stopping an attempt whose keeper is still on its way ends both it and its agent', async () => {
  process.env.OC_SUPERVISE_FAILPOINT = 'keeper.started=stop'
  const { layout, spec } = makeSpec('sleep 300')
  const port = keeperPort(layout, owner, clock)
  const starting = port.start(spec, {})
  const [keeper] = await until(() => {
    const found = readRegistrations(layout.registrations)
    return found[0]?.identity != null && stateOf(found[0].identity.pid) === 'T' ? found : null
  })
  expect(port.exists(spec.attempt)).toBe(false)
  await port.stop(spec.attempt, 'requested')
  expect(findMarked(keeper?.intent.mark ?? '')).toEqual([])
  expect(findMarked(spec.mark)).toEqual([])
  expect(readRegistrations(layout.registrations)).toEqual([])
  await starting
})
