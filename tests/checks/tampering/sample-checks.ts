/** What the checks of `judge` run. */

export const PACKAGE = JSON.stringify({
  name: 'a',
  scripts: { test: 'npm run unit', unit: 'vitest run', build: 'tsc', lint: 'eslint .' },
})
export const packageWith = (change: object, scripts: object = {}): string =>
  JSON.stringify({
    ...JSON.parse(PACKAGE),
    ...change,
    scripts: { ...JSON.parse(PACKAGE).scripts, ...scripts },
  })
export const MAKE =
  'FLAGS = --strict\n.PHONY: all lint\nall: build\nlint: deps\n\tcheck $(FLAGS)\ndeps:\n\tget\nbuild:\n\tcc\n'
