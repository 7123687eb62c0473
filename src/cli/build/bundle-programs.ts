/**
 * Makes one file of each program that is started often, and keeps what V8 compiled of a lane beside it: Node then reads
 * one file instead of hundreds. The entry that tsc wrote is replaced in its place; a build by tsc alone writes it again
 * and works as well, only slower.
 */
import { spawnSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'rolldown'
import { childEnvironment } from '../../platform/environment.ts'

const DIST = resolve(import.meta.dirname, '../../../dist')
const LANE = join(DIST, 'src/cli/lane/lane-main.js')
const KEEPER = join(DIST, 'supervisor/keeper/keeper-main.js')

/** What every lane loads, with all that these import in turn. Other packages are loaded by whoever needs them. */
const BUNDLED = ['zod', 'xstate', 'pino', 'write-file-atomic', 'execa']

/** Replaces the entry at `file` by one file with everything of ours that it imports, and the packages above. */
const bundle = (file: string): Promise<unknown> =>
  build({
    input: file,
    output: { file, codeSplitting: false, comments: false },
    platform: 'node',
    external: (id, importer) =>
      /^[a-z@]/.test(id) && !BUNDLED.includes(id) && importer?.startsWith(DIST) === true,
    // CommonJS packages have no other name for the file they stand in.
    transform: { define: { __filename: 'import.meta.filename' } },
    plugins: [
      {
        name: 'ours',
        transform: (code, module) => keepAddress(code, module, file),
        // What is loaded only when it is needed stays out, with all that it needs itself.
        resolveDynamicImport: (id, importer) =>
          typeof id === 'string' && id.startsWith('.') && importer?.startsWith(DIST) === true
            ? { id: resolve(dirname(importer), id), external: 'relative' }
            : null,
      },
    ],
  })

/** A module of ours that looks for files beside itself goes on finding them: it keeps the address it has in dist/. */
const keepAddress = (code: string, module: string, bundled: string): string | null => {
  if (!module.startsWith(DIST) || !code.includes('import.meta.url')) return null
  const address = `new URL(${JSON.stringify(relative(dirname(bundled), module))}, import.meta.url).href`
  return code.replaceAll('import.meta.url', address)
}

/**
 * Puts an entry before a program that has Node keep compiled code, and runs it once. It refuses, having no supervisor,
 * but has been compiled by then. Another Node, or a changed file, finds nothing there and compiles as usual.
 */
const keepCompiled = (file: string): void => {
  const program = file.replace(/\.js$/, '.bundle.js')
  renameSync(file, program)
  const cache = relative(dirname(file), join(DIST, '.compile-cache'))
  writeFileSync(
    file,
    `import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
enableCompileCache({ directory: fileURLToPath(new URL(${JSON.stringify(cache)}, import.meta.url)), portable: true })
await import(${JSON.stringify(`./${relative(dirname(file), program)}`)})
`,
  )
  spawnSync(process.execPath, [file], { stdio: 'ignore', env: childEnvironment({}) })
}

await bundle(KEEPER)
await bundle(LANE)
keepCompiled(LANE)
