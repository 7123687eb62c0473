import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { withSandbox } from '../../support/with-sandbox.ts'
import { inside } from './enter.ts'

const sh = (script: string, options: Parameters<typeof inside>[1] = {}) =>
  inside(['sh', '-c', script], options)

withSandbox('a program in the sandbox', () => {
  test.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
    ['exec /nowhere/program', 127],
  ])('%s: its exit code is passed on', async (script, code) => {
    const run = sh(script)
    expect(await run.ended).toMatchObject({ code, signal: null })
    expect(run.entered()).toBe(true)
  })

  test('its streams are its own, and its arguments arrive as they are', async () => {
    const odd = `a 'b' "c" $d \\e\n${'long'.repeat(20_000)}`
    const { ended } = inside(['sh', '-c', 'cat; printf %s "$1"; echo error >&2', 'sh', odd], {
      input: 'typed\n',
    })
    const { stdout, stderr, code } = await ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'error\n' })
    expect(stdout).toBe(`typed\n${odd}`)
  })

  test('workspace, HOME and its own /tmp can be written, and nothing else', async () => {
    const run = sh(`touch here "$HOME/there" /tmp/temporary "$TMPDIR/too"
      for f in /x /etc/x /usr/x /run/x /var/x /opt/x /dev/shm/x; do touch "$f" 2>/dev/null && echo "$f"; done; true`)
    const { stdout, code } = await run.ended
    // Its own shared memory goes with it.
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '/dev/shm/x' })
    expect(existsSync(join(run.workspace, 'here'))).toBe(true)
    expect(readdirSync(run.home)).toEqual(['there'])
    expect(existsSync(join(run.dir, 'tmp', 'temporary'))).toBe(true)
    expect(existsSync('/dev/shm/x')).toBe(false)
    expect(readdirSync(run.dir).sort()).toEqual(['home', 'notes', 'tmp', 'workspace'])
    expect(readdirSync(join(run.dir, 'notes')).sort()).toEqual(['entered', 'settings.json'])
  })

  test('its environment holds what it was given and no helpers of the walls', async () => {
    const { stdout } = await sh('env', { env: { GIVEN: 'yes' } }).ended
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(new Set(names)).toEqual(new Set(['GIVEN', 'HOME', 'PATH', 'PWD', 'SHLVL', 'TERM', 'TMPDIR']))
  })

  test('it leaves no trace in the workspace, where every file may be changed', async () => {
    const run = sh(`git init -q . && git config user.name x && git config user.email x@localhost
      mkdir .vscode .claude && touch .gitmodules .mcp.json .bashrc .vscode/settings.json
      git add -A && git commit -qm all && git status --porcelain && ls -A && readlink -f .`)
    const { stdout, code } = await run.ended
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toEqual([
      ...['.bashrc', '.claude', '.git', '.gitmodules', '.mcp.json', '.vscode'],
      run.workspace,
    ])
    expect(readdirSync(run.workspace).sort()).toEqual(stdout.trim().split('\n').slice(0, -1))
  })

  test('a signal to its group reaches it, and it may take its time', async () => {
    const run = sh(
      `trap 'echo saving; sleep 0.3; echo saved; exit 5' TERM; touch ready; while :; do sleep 0.05; done`,
    )
    await until(() => existsSync(join(run.workspace, 'ready')), { timeoutMs: 10_000, what: 'it runs' })
    process.kill(-(run.child.pid ?? 0), 'SIGTERM')
    const { code, stdout } = await run.ended
    expect({ code, stdout }).toEqual({ code: 5, stdout: 'saving\nsaved\n' })
  })

  test('nothing of it outlives the end of its group by force', async () => {
    const length = `7${process.pid}.5`
    const run = sh(`setsid sleep ${length} & sleep ${length}`, { world: { network: ['example.com'] } })
    await until(
      () => processesWith(run.dir).length > 3 && run.entered() && processesWith(length).length >= 2,
      {
        timeoutMs: 10_000,
        what: 'it runs',
      },
    )
    process.kill(-(run.child.pid ?? 0), 'SIGKILL')
    await run.ended
    await until(() => processesWith(length).length === 0 && processesWith(run.dir).length === 0, {
      timeoutMs: 5_000,
      what: 'nothing is left',
    })
  })

  test('what it leaves running ends with it', async () => {
    const length = `8${process.pid}.5`
    const { code } = await sh(`setsid sleep ${length} >/dev/null 2>&1 & exit 0`).ended
    expect(code).toBe(0)
    await until(() => processesWith(length).length === 0, { timeoutMs: 5_000, what: 'nothing is left' })
  })

  test('walls that cannot be built are told apart from a program that fails', async () => {
    const run = sh('echo never', { world: { writable: ['/nowhere/at/all'] } })
    const { code, stdout, stderr } = await run.ended
    expect(run.entered()).toBe(false)
    expect(code).not.toBe(0)
    expect(stdout).toBe('')
    expect(stderr).toContain('/nowhere/at/all')
  })

  test('what is hidden stays hidden inside a readable folder, and what is named in it does not', async () => {
    const run = sh('true')
    await run.ended
    const folder = join(run.dir, 'shown')
    for (const name of ['open', 'state/private', 'state/public']) {
      mkdirSync(join(folder, name), { recursive: true })
      writeFileSync(join(folder, name, 'file'), `${name}\n`)
    }
    const { stdout } = await sh(`cat ${folder}/open/file ${folder}/state/*/file 2>&1; ls ${folder}/state`, {
      world: {
        readable: [folder, join(folder, 'state/public')],
        hidden: [join(folder, 'state')],
      },
    }).ended
    expect(stdout).toBe('open\nstate/public\npublic\n')
  })

  test('what is hidden by a name that leads through a link is not shown by its own, nor by another', async () => {
    const run = sh('true')
    await run.ended
    const folder = join(run.dir, 'shown')
    for (const name of ['state/demo', 'keys/..data']) mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, 'state/demo/private'), 'private\n')
    writeFileSync(join(folder, 'keys/..data/key'), 'private\n')
    writeFileSync(join(folder, 'keys/open'), 'open\n')
    symlinkSync('..data/key', join(folder, 'keys/key'))
    symlinkSync(join(folder, 'state'), join(run.dir, 'state'))
    symlinkSync(folder, join(run.dir, 'again'))
    const { stdout } = await sh(
      `find -L ${folder} ${run.dir}/again/state/ -type f -exec cat {} +; echo end`,
      {
        world: {
          readable: [folder, join(run.dir, 'again/state')],
          hidden: [join(run.dir, 'state/demo'), join(folder, 'keys/key')],
        },
      },
    ).ended
    expect(stdout).toBe('open\nend\n')
  })

  test.each([true, false])('it cannot make namespaces of its own (unix sockets: %s)', async (unixSockets) => {
    const script = `unshare -Ur true && echo made; unshare -m true && echo mounted; mount -t tmpfs x /tmp && echo covered
      node -e 'require("net").createServer().on("error",e=>console.log(e.code)).listen("/tmp/s",()=>{console.log("listens");process.exit()})'`
    const { stdout, code } = await sh(script, { unixSockets }).ended
    expect({ stdout, code }).toEqual({ stdout: unixSockets ? 'listens\n' : 'EPERM\n', code: 0 })
  })

  test('it starts within its budget', async () => {
    const times = []
    for (let i = 0; i < 3; i += 1) times.push((await sh('true').ended).ms)
    // Half a second on an idle machine; tests share theirs.
    expect(Math.min(...times)).toBeLessThan(1_500)
  })
})

withSandbox('the network of the sandbox', () => {
  const get = (url: string, agent = '') =>
    `node -e 'fetch("${url}"${agent}).then(async r=>console.log(r.status,await r.text()),e=>console.log("refused",e.cause?.code??e.message))'`

  const serve = async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(request.url ?? '')
      response.end('hello')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return { server, seen, port: (server.address() as AddressInfo).port }
  }

  test('a declared port of the loopback answers inside at the same place, and no other', async () => {
    const [model, other] = [await serve(), await serve()]
    const { stdout } = await sh(
      [
        get(`http://127.0.0.1:${model.port}/v1`),
        get(`http://localhost:${model.port}/v2`),
        get(`http://127.0.0.1:${other.port}/`),
        `curl -s -o /dev/null -w '%{http_code}\\n' -x "$HTTP_PROXY" --noproxy '' http://127.0.0.1:${other.port}/ || true`,
      ].join('\n'),
      { world: { network: [`127.0.0.1:${model.port}`] } },
    ).ended
    expect(stdout.split('\n').slice(0, 3)).toEqual(['200 hello', '200 hello', 'refused ECONNREFUSED'])
    expect(model.seen).toEqual(['/v1', '/v2'])
    expect(other.seen).toEqual([])
    for (const { server } of [model, other]) server.close()
  })

  test('any network is never this machine', async () => {
    const service = await serve()
    const { stdout } = await sh(
      [`127.0.0.1`, 'localhost', '0.0.0.0', '[::1]', '2130706433']
        .map((host) => get(`http://${host}:${service.port}/`))
        .join('\n') +
        `\nunset NO_PROXY no_proxy\n` +
        ['127.0.0.1', 'localhost', '0.0.0.0', '2130706433']
          .map((host) => get(`http://${host}:${service.port}/`))
          .join('\n'),
      { world: { network: 'any' } },
    ).ended
    expect(stdout).not.toContain('hello')
    expect(service.seen).toEqual([])
    service.server.close()
  })

  test('a host that is not declared is refused by the proxy, aloud', async () => {
    const { stdout } = await sh(get('https://undeclared.example.org/'), {
      world: { network: ['example.com'] },
    }).ended
    expect(stdout).toMatch(/^refused/)
  })
})

/** Processes of this host whose command line or environment holds `text`. */
const processesWith = (text: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text)
    } catch {
      return false
    }
  })
