/**
 * Makes few files of each program that is started often or lives long, and keeps what V8 compiled of a lane beside them:
 * Node then reads these instead of hundreds. The entry that tsc wrote is replaced in its place; a build by tsc alone
 * writes it again and works as well, only slower and with more memory.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build } from 'rolldown'
import { childEnvironment } from '../../platform/environment.ts'

const DIST = resolve(import.meta.dirname, '../../../dist')
const LANE = join(DIST, 'src/cli/lane/lane-main.js')
const RUN = join(DIST, 'src/cli/commands/run.js')
const KEEPER = join(DIST, 'supervisor/keeper/keeper-main.js')

/** What these programs load most of, with all that it imports in turn. Other packages stay where they are. */
const BUNDLED = ['zod', 'xstate', 'pino', 'write-file-atomic', 'execa']

/**
 * Makes one file of the entry at `file` with everything of ours that it imports, and the packages above; it takes the
 * entry's place, or stands beside it as `into`. What is loaded only when it is needed gets files of its own there.
 */
const bundle = (file: string, into = basename(file)): Promise<unknown> =>
  build({
    input: file,
    output: {
      dir: dirname(file),
      entryFileNames: into,
      chunkFileNames: `${basename(into, '.js')}.[name]-[hash].js`,
      comments: false,
    },
    platform: 'node',
    external: (id, importer) =>
      /^[a-z@]/.test(id) && !BUNDLED.includes(id) && importer?.startsWith(DIST) === true,
    // CommonJS packages have no other name for the file they stand in.
    transform: { define: { __filename: 'import.meta.filename' } },
    plugins: [{ name: 'ours', transform: (code, module) => keepAddress(code, module, file) }],
  })

/** A module of ours that looks for files beside itself goes on finding them: it keeps the address it has in dist/. */
const keepAddress = (code: string, module: string, bundled: string): string | null => {
  if (!module.startsWith(DIST) || !code.includes('import.meta.url')) return null
  const address = `new URL(${JSON.stringify(relative(dirname(bundled), module))}, import.meta.url).href`
  return code.replaceAll('import.meta.url', address)
}

/**
 * Bundles a program and puts an entry before it that has Node keep compiled code, and zod make none: it would compile a
 * parser for each schema at its first use, which takes longer than a lane takes to use it. Runs it once; it refuses, having
 * no supervisor, but has been compiled by then. Another Node, or a changed file, finds nothing there and compiles as usual.
 */
const bundleCompiled = async (file: string): Promise<void> => {
  const program = basename(file).replace(/\.js$/, '.bundle.js')
  await bundle(file, program)
  const cache = relative(dirname(file), join(DIST, '.compile-cache'))
  writeFileSync(
    file,
    `import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
globalThis.__zod_globalConfig = { jitless: true }
enableCompileCache({ directory: fileURLToPath(new URL(${JSON.stringify(cache)}, import.meta.url)), portable: true })
await import(${JSON.stringify(`./${program}`)})
`,
  )
  spawnSync(process.execPath, [file], { stdio: 'ignore', env: childEnvironment({}) })
}

await bundle(KEEPER)
await bundle(RUN)
await bundleCompiled(LANE)
