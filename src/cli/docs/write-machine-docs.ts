/** Writes docs/machines/ from the machines themselves; with `--check` it writes nothing and fails where a page is stale. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root.ts'
import { describeMachine } from './describe-machine.ts'
import { DOCUMENTED_MACHINES } from './documented-machines.ts'
import { renderMachine } from './render-machine.ts'

const folder = join(packageRoot, 'docs/machines')

const pages = new Map(
  DOCUMENTED_MACHINES.map((page) => [`${page.name}.md`, renderMachine(describeMachine(page.machine), page)]),
)
pages.set(
  'README.md',
  [
    '# State machines',
    '',
    'What may happen, in which state, and by which event. Written by `npm run docs:machines`.',
    '',
    ...DOCUMENTED_MACHINES.map(({ name, owner }) => `- [${name}](${name}.md): ${owner}`),
    '',
  ].join('\n'),
)

const stale = [...pages].filter(([name, text]) => {
  const path = join(folder, name)
  return !existsSync(path) || readFileSync(path, 'utf8') !== text
})
const strays = existsSync(folder) ? readdirSync(folder).filter((name) => !pages.has(name)) : []

if (process.argv.includes('--check')) {
  const names = [...stale.map(([name]) => name), ...strays]
  if (names.length > 0) {
    console.error(`docs/machines is stale (${names.join(', ')}); run: npm run docs:machines`)
    process.exitCode = 1
  }
} else {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of stale) writeFileSync(join(folder, name), text)
}
