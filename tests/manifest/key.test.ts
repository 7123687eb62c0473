import { expect, test } from 'vitest'
import { Key } from '../../src/contracts/ids.ts'
import { key } from '../../src/manifest/schema/key.ts'

const isKey = (name: string): boolean[] => [Key.safeParse(name).success, key().safeParse(name).success]

test.each(Object.getOwnPropertyNames(Object.prototype))(
  '%s, which every object knows, is no key (regression: a task for such a repository found one)',
  (name) => expect(isKey(name)).toEqual([false, false]),
)

test.each(['constructor-2', 'a-constructor', 'api'])('%s is one', (name) =>
  expect(isKey(name)).toEqual([true, true]),
)
