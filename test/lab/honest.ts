/**
 * Honest work beside the acts: conversations of many kinds, and real tools that fetch, copy, clone and look names up. What is
 * found in it is a false alarm.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { ofKind } from '../egress/cell.ts';
import { HOST, LabProject, type Port, tell } from './cell.ts';
import { KINDS, play, portOf, VARIANTS } from './inside/kinds.mjs';
import { type Outside, PORTS } from './outside.ts';
import { accepts, hasProgram, within } from './processes.ts';
import { OUTSIDE } from './world.ts';

export interface HonestResult {
  name: string;
  flows: number;
  /** false alarms */
  findings: { rule: string; level: string | undefined; text: string }[];
  /** of conversations: carried to their end */
  carried?: number;
  detail?: string;
  skipped?: string;
}

const RSYNC = 8730;
const GIT = 9418;
const REDIS = 6379;

/** Servers of every kind of conversation; each connection is played to its end. */
async function converse(outside: Outside): Promise<{ close(): void; ports: number[] }> {
  const { key, cert } = outside.certificates;
  const servers: Server[] = [];
  const ports: number[] = [];
  for (const [name, { tls, alpn, steps }] of Object.entries(KINDS)) {
    for (let variant = 0; variant < VARIANTS; variant += 1) {
      const answer = (socket: Parameters<typeof play>[0]) => void play(socket, 's', steps(variant));
      const server = tls
        ? createTlsServer({ key, cert, ...(alpn ? { ALPNProtocols: ['http/1.1'] } : {}) }, answer)
        : createServer({ noDelay: true }, answer);
      const port = portOf(name, variant);
      await new Promise<void>((resolve) => server.listen(port, OUTSIDE, 511, resolve));
      servers.push(server);
      ports.push(port);
    }
  }
  return { ports, close: () => servers.forEach((server) => void server.close()) };
}

async function conversations(namespace: string, outside: Outside, each: number): Promise<HonestResult> {
  const { ports, close } = await converse(outside);
  const project = new LabProject(namespace, outside.folder);
  const ended = await project.start(ports, `node honest.mjs ${HOST} ${each}`, 'watch', '300s').ended;
  close();
  const { findings, flows } = tell(ended.events);
  project.remove();
  const last = ended.out.trim().split('\n').at(-1) ?? '';
  const said = last.startsWith('{') ? (JSON.parse(last) as { carried: number; failed: string[] }) : undefined;
  return {
    name: `conversations of ${Object.keys(KINDS).length} kinds`,
    flows,
    findings,
    ...(said ? { carried: said.carried } : {}),
    ...(said && said.failed.length === 0
      ? {}
      : { detail: `${ended.record.reason} ${last} ${ended.err.slice(-1500)}` }),
  };
}

const SSH =
  'ssh -i client -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes';

interface Tool {
  name: string;
  needs: readonly string[];
  ports: readonly Port[];
  /** run so many times */
  script: (outside: Outside) => string;
  times: number;
}

const ssh = (name: string, script: string, ...needs: string[]): Tool => ({
  name,
  needs: ['ssh', ...needs],
  ports: [PORTS.ssh],
  times: 2,
  script: () => script.replaceAll('@SSH@', `${SSH} -p ${PORTS.ssh}`).replaceAll('@THERE@', `root@${HOST}`),
});

const TOOLS: readonly Tool[] = [
  ssh('ssh, a command', '@SSH@ @THERE@ "uname -a; ls /usr/bin"'),
  ssh(
    'ssh, a slow command',
    '@SSH@ @THERE@ "for i in 1 2 3; do echo step $i of a longer piece of work, so far all is well; sleep 0.4; done"',
  ),
  ssh('ssh, input that is piped', 'for i in 1 2 3; do echo "echo $i"; sleep 0.25; done | @SSH@ @THERE@ sh'),
  ssh(
    'ssh, a terminal',
    '(for i in 1 2 3; do echo ls; sleep 0.3; done; echo exit) | @SSH@ -tt @THERE@ sh >/dev/null',
  ),
  ssh(
    'ssh, several sessions over one connection',
    '@SSH@ -M -S ./c -N -f @THERE@; for i in 1 2 3; do sleep 0.3; @SSH@ -S ./c @THERE@ true; done; @SSH@ -S ./c -O exit @THERE@',
  ),
  ssh('ssh, AES-GCM', '@SSH@ -c aes256-gcm@openssh.com @THERE@ "cat /etc/services"'),
  ssh('ssh, AES-CTR, compressed', '@SSH@ -C -c aes256-ctr @THERE@ "cat /etc/services"'),
  ssh(
    'scp, both ways',
    'head -c 300000 /dev/urandom > u; scp -q -S ./s u root@@HOST@:/tmp/rf-u-$$; scp -q -S ./s root@@HOST@:/etc/services d',
  ),
  ssh(
    'sftp',
    'printf "ls /etc\\nget /etc/services s2\\nput s2 /tmp/rf-s2\\n" | sftp -q -S ./s -b - root@@HOST@ >/dev/null',
  ),
  ssh(
    'git over ssh',
    'export GIT_SSH_COMMAND="@SSH@ -i $PWD/client"; rm -rf g; git clone -q ssh://root@@HOST@/@FOLDER@/repository.git g; cd g; git fetch -q; git ls-remote -q >/dev/null; git push -q 2>/dev/null; cd ..',
    'git',
  ),
  ssh(
    'git over ssh, that is refused, is tried again and succeeds',
    'mkdir -p t; cd t; for key in none none client; do GIT_SSH_COMMAND="@SSH@ -i ../$key" git ls-remote -q ssh://root@@HOST@/@FOLDER@/repository.git >/dev/null 2>&1 && break; done; cd ..',
    'git',
  ),
  ssh(
    'rsync over ssh',
    'rsync -a -e "@SSH@" root@@HOST@:/etc/ssl/ r/; rsync -a -e "@SSH@" root@@HOST@:/etc/ssl/ r/',
    'rsync',
  ),
  ssh(
    'ssh by dropbear',
    'dropbearconvert openssh dropbear client-rsa k.db >/dev/null 2>&1; HOME=$PWD dbclient -y -y -i k.db -p 2222 @THERE@ "ls /etc"',
    'dbclient',
    'dropbearconvert',
  ),
  ssh(
    'ssh by dropbear, input that is piped',
    'dropbearconvert openssh dropbear client-rsa k.db >/dev/null 2>&1; (for i in 1 2 3; do echo "echo line $i of what is piped"; sleep 0.3; done) | HOME=$PWD dbclient -y -y -i k.db -p 2222 @THERE@ sh',
    'dbclient',
    'dropbearconvert',
  ),
  ssh('ssh, keep-alives', '@SSH@ -o ServerAliveInterval=1 @THERE@ "sleep 2.5; ls /etc; sleep 1.5; ls /usr"'),
  ssh(
    'ssh, questions that a program answers',
    '/usr/bin/python3 answers.py @SSH@ @THERE@ \'for i in 1 2 3 4; do printf "Value $i of a form of many values, please: "; read x; sleep 0.$i; done\'',
    'python3',
  ),
  ssh(
    'ssh, commands over a connection that is kept',
    '@SSH@ -M -S ./e -N -f @THERE@; for c in true "ls -la /etc/ssh" "sleep 1.1; echo a line of what was done until now"; do @SSH@ -S ./e @THERE@ "$c"; done; echo x | @SSH@ -S ./e @THERE@ "cat >/dev/null"; @SSH@ -S ./e -O exit @THERE@',
  ),
  {
    name: 'rsync',
    needs: ['rsync'],
    ports: [RSYNC],
    times: 8,
    script: () => `rsync -a rsync://${HOST}:${RSYNC}/data/ q/`,
  },
  {
    name: 'git',
    needs: ['git'],
    ports: [GIT],
    times: 8,
    script: () => `rm -rf h; git clone -q git://${HOST}/repository.git h`,
  },
  {
    name: 'redis-cli',
    needs: ['redis-cli', 'redis-server'],
    ports: [REDIS],
    times: 8,
    script: () =>
      `(for i in 1 2 3; do echo "SET k$i v"; echo "GET k$i"; sleep 0.25; done) | redis-cli -h ${HOST} >/dev/null`,
  },
];

async function serveTools(outside: Outside): Promise<void> {
  const { folder, children } = outside;
  const git = (...words: string[]) =>
    execFileSync('git', words, {
      cwd: folder,
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin', HOME: folder },
    });
  if (hasProgram('git')) {
    mkdirSync(join(folder, 'work'));
    writeFileSync(join(folder, 'work/file.txt'), 'lines\n'.repeat(4000));
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    git('init', '-q', 'work');
    git('-C', 'work', 'add', '.');
    git(...who, '-C', 'work', 'commit', '-q', '-m', 'first');
    git('clone', '-q', '--bare', 'work', 'repository.git');
    children.start(
      'git',
      ['daemon', '--reuseaddr', '--export-all', `--base-path=${folder}`, `--listen=${OUTSIDE}`, folder],
      { env: { HOME: folder } },
    );
    await within(5000, () => accepts(GIT, OUTSIDE));
  }
  if (hasProgram('rsync')) {
    mkdirSync(join(folder, 'data'));
    for (let n = 0; n < 20; n += 1) writeFileSync(join(folder, 'data', `f${n}`), 'x'.repeat(20_000));
    writeFileSync(
      join(folder, 'rsyncd.conf'),
      `use chroot = no\nuid = root\n[data]\npath = ${join(folder, 'data')}\n`,
    );
    children.start('rsync', [
      '--daemon',
      '--no-detach',
      `--config=${join(folder, 'rsyncd.conf')}`,
      `--port=${RSYNC}`,
      `--address=${OUTSIDE}`,
    ]);
    await within(5000, () => accepts(RSYNC, OUTSIDE));
  }
  if (hasProgram('redis-server')) {
    children.start(
      'redis-server',
      ['--bind', OUTSIDE, '--port', String(REDIS), '--save', '', '--protected-mode', 'no'],
      { cwd: folder },
    );
    await within(5000, () => accepts(REDIS, OUTSIDE));
  }
}

async function tool(
  namespace: string,
  outside: Outside,
  { name, needs, ports, script, times }: Tool,
  more: number,
): Promise<HonestResult> {
  const lacks = needs.filter((program) => !hasProgram(program));
  if (lacks.length > 0)
    return { name, flows: 0, findings: [], skipped: `not installed: ${lacks.join(', ')}` };
  const project = new LabProject(namespace, outside.folder, [
    outside.key,
    join(outside.folder, 'client-rsa'),
  ]);
  const wrapper = `chmod 600 client client-rsa; printf '#!/bin/sh\\nexec ${SSH} -p ${PORTS.ssh} "$@"\\n' > s; chmod 755 s; `;
  const body = script(outside).replaceAll('@HOST@', HOST).replaceAll('@FOLDER@', outside.folder.slice(1));
  const ended = await project.start(
    ports,
    `${wrapper} for n in $(seq ${times * more}); do ${body}; done; true`,
    'watch',
    '300s',
  ).ended;
  const { findings, flows } = tell(ended.events);
  const denied = ofKind(ended.events, 'denial').length;
  project.remove();
  return {
    name,
    flows,
    findings,
    ...(flows < times
      ? { detail: `${denied} denials; ${ended.out.slice(-400)} ${ended.err.slice(-1200)}` }
      : {}),
  };
}

/** @param whole true: as many as a table wants, false: as many as a test has time for */
export async function honestWork(
  namespace: string,
  outside: Outside,
  whole: boolean,
  only?: RegExp,
): Promise<HonestResult[]> {
  await serveTools(outside);
  const results: HonestResult[] = [];
  const tell_ = (result: HonestResult) => {
    console.error(
      `${result.name}: ${result.flows} flows, ${result.findings.length} false alarms ${result.findings.map(({ rule, text }) => `${rule} ${text}`).join('; ')} ${result.skipped ?? ''} ${result.detail ?? ''} ${result.carried ?? ''}`,
    );
    results.push(result);
  };
  if (!only || only.test('conversations')) tell_(await conversations(namespace, outside, whole ? 90 : 27));
  for (const one of TOOLS)
    if (!only || only.test(one.name)) tell_(await tool(namespace, outside, one, whole ? 4 : 1));
  return results;
}
