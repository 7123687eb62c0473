import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { duration, relative } from '../../src/cli/print/format-time.ts'
import { paint } from '../../src/cli/print/paint.ts'
import { printAnswer } from '../../src/cli/print/print-answer.ts'
import { formatFacts, formatTable } from '../../src/cli/print/print-table.ts'
import { manyLines, oneLine, quoted } from '../../src/cli/print/visible.ts'
import { RefusedError } from '../../src/cli/report-error.ts'

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

describe('untrusted text', () => {
  it.each([
    ['plain, ünïcode, 漢字', 'plain, ünïcode, 漢字'],
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['\u009b2J', '\\x9b2J'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['user\u202egpj.exe', 'user\\u{202e}gpj.exe'],
    ['\u{e0041}\u200b\ufeff\u2028\0', '\\u{e0041}\\u{200b}\\u{feff}\\u{2028}\\x00'],
    ['\ud800', '\\u{d800}'],
  ])('%j becomes %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown)
  })

  it('never lets a hidden character through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !HIDDEN.test(oneLine(text))))
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => !HIDDEN.test(manyLines(text).replace(/[\n\t]/g, '')),
      ),
    )
  })

  it('keeps the layout of several lines, and quotes shortly', () => {
    expect(manyLines('a\n\tb\r\u001b')).toBe('a\n\tb\\r\\x1b')
    expect(quoted('x'.repeat(1 << 20))).toBe(`"${'x'.repeat(60)}…"`)
  })
})

describe('tables and facts', () => {
  it('aligns columns, cuts long cells, and leaves no space at the end', () => {
    const table = formatTable(
      ['id', 'title', 'n'],
      [
        ['a', 'x\ny', '1'],
        ['long-one', 'z'.repeat(100), '22'],
      ],
    )
    const [head, first, second] = table.split('\n') as [string, string, string]
    expect(head.indexOf('TITLE')).toBe(first.indexOf('x\\ny'))
    expect(second).toContain(`${'z'.repeat(71)}…`)
    expect(second.endsWith('22')).toBe(true)
  })

  it('indents the lines of a value under its first', () => {
    expect(
      formatFacts([
        ['a', 'one\ntwo'],
        ['none', null],
        ['bcd', 'x'],
      ]),
    ).toBe('  a    one\n       two\n  bcd  x')
  })
})

describe('paint', () => {
  afterEach(() => vi.unstubAllEnvs())
  it('colours only for a terminal, and not with NO_COLOR', () => {
    const { isTTY } = process.stdout
    try {
      process.stdout.isTTY = false
      expect(paint('a', 'red')).toBe('a')
      process.stdout.isTTY = true
      vi.stubEnv('NO_COLOR', '')
      vi.stubEnv('TERM', 'xterm')
      expect(paint('a', 'red')).toBe('\u001b[31ma\u001b[0m')
      vi.stubEnv('NO_COLOR', '1')
      expect(paint('a', 'red')).toBe('a')
    } finally {
      process.stdout.isTTY = isTTY
    }
  })
})

describe('printAnswer', () => {
  const printed = async (asJson: boolean, work: () => Promise<never>): Promise<[string, unknown]> => {
    let out = ''
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += text
      return true
    })
    const error = await printAnswer(asJson, work).catch((cause: unknown) => cause)
    spy.mockRestore()
    return [out, error]
  }

  it('prints one object, in which no terminal finds a command, and which means the same', async () => {
    const value = { title: '\u001b[2J\u009b\u202e\u2028\u{e0041}é' }
    const [out] = await printed(true, async () => ({ json: value, text: 'unused' }) as never)
    expect(JSON.parse(out)).toEqual(value)
    expect(out.trimEnd()).not.toMatch(HIDDEN)
  })

  it('prints a refusal as an object, too, and passes it on', async () => {
    const refuse = async () => {
      throw new RefusedError('never_run', 'nothing here')
    }
    const [out, error] = await printed(true, refuse)
    expect(JSON.parse(out)).toEqual({ ok: false, code: 'never_run', message: 'nothing here' })
    expect(error).toBeInstanceOf(RefusedError)
    expect(await printed(false, refuse)).toEqual(['', error])
  })
})

describe('times', () => {
  it.each([
    [1_499, '1 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [7_200_000, '2 h'],
    [172_800_000, '2 d'],
  ])('%d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
    expect(relative(0, ms)).toBe(`in ${text}`)
    expect(relative(ms, 0)).toBe(`${text} ago`)
  })
})
