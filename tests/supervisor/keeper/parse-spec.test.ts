import { expect, test } from 'vitest'
import { parseKeeperSpec } from '../../../supervisor/keeper/parse-spec.ts'
import { makeSpec } from './keeper-fixture.ts'

const text = (meter: unknown): string => JSON.stringify({ ...makeSpec('true').spec, meter })

test('an owner that knows of no files has its agent metered by the stream alone', () =>
  expect(parseKeeperSpec(text({ rules: [], price: null })).meter).toEqual({
    rules: [],
    price: null,
    files: [],
    usedBefore: null,
  }))

test.each([{ rules: [], files: {} }, { rules: [], files: ['.tool'] }, { files: [] }])(
  'a meter like %j is refused before the agent is started',
  (meter) => expect(() => parseKeeperSpec(text(meter))).toThrow(/^meter\./),
)
