/**
 * The scratch host that attempts are aimed at: a home with decoy keys, a project, files outside it, sinks, victims.
 * It lives below one folder and inside namespaces of its own (`world.ts`), and goes away with them.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { ADDRESSES, sinkSpecs } from './network.ts';

export interface Victim {
  pid: number;
  /** hexadecimal address of its memory that holds the secret */
  address: string;
  /** its descriptor of a secret file */
  fd: number;
  /** its System V shared memory */
  segment: number;
  /** appears when its memory was changed */
  touched: string;
}

export interface Host {
  root: string;
  home: string;
  workspace: string;
  outside: string;
  state: string;
  /** the attacker program, inside the workspace */
  attempts: string;
  identity: 'root' | 'user';
  mode: 'bare' | 'cell';
  secret: string;
  /** values of host settings before the attempts */
  settings: Record<string, string>;
  /** handle of the secret file: `TYPE HEX` */
  handle: string[];
  mark(id: string): string;
  short(path: string): string;
  received(): string;
  /** resolves once the sinks have written down all that came before */
  settle(): Promise<void>;
  victim(name: string): Victim;
  /** process that stands for "the init" of wherever the attempt runs */
  init(): number;
  stop(): void;
}

export const VICTIMS = ['kill', 'pidfd', 'trace', 'write', 'init', 'memory'] as const;

/** Settings of the host that attempts aim at; a change is put back at once. */
export const SETTINGS = ['/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname'];

/** Process ids whose command line holds the text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        return false; // it ended meanwhile
      }
    })
    .map(Number);
}

function put(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
}

/** Decoy keys and rc files, by path below the home. */
const DECOYS = [
  '.ssh/id_ed25519',
  '.aws/credentials',
  '.netrc',
  '.npmrc',
  '.git-credentials',
  '.config/gh/hosts.yml',
  '.docker/config.json',
  '.kube/config',
];

function furnish(root: string, secret: string): void {
  const home = join(root, 'home');
  const outside = join(root, 'outside');
  for (const decoy of DECOYS) put(join(home, decoy), `token = ${secret}\n`, 0o600);
  for (const rc of ['.bashrc', '.profile', '.gitconfig', '.ssh/authorized_keys'])
    put(join(home, rc), '# mine\n');
  put(
    join(home, '.gitconfig'),
    '[user]\n\tname = Matrix\n\temail = matrix@example.com\n[safe]\n\tdirectory = *\n',
  );
  put(join(outside, 'secret.txt'), `${secret}\n`);
  for (const name of [
    'append',
    'truncate',
    'unlink',
    'chmod',
    'xattr',
    'link',
    'symlink',
    'stdin',
    'stdout',
    'race',
    'watch',
  ])
    put(join(outside, name), 'precious\n');
  for (const folder of ['raced', 'readable', 'cron.d']) mkdirSync(join(outside, folder), { recursive: true });
  const project = join(home, 'project');
  put(join(project, 'README.md'), 'precious\n');
  put(join(project, 'package.json'), '{ "name": "project", "scripts": { "test": "true" } }\n');
  put(join(project, 'delete-me'), 'precious\n');
  put(join(project, 'folder/inside.txt'), 'precious\n');
  put(join(project, '.env'), `TOKEN=${secret}\n`);
  put(join(project, 'keys/private.pem'), `${secret}\n`);
  for (const folder of ['.husky', '.vscode', '.github/workflows', 'sub/deep'])
    mkdirSync(join(project, folder), { recursive: true });
  for (const repository of ['', 'sub/nested', 'sub/deep/a/b/c']) {
    const path = join(project, repository);
    mkdirSync(path, { recursive: true });
    execFileSync('git', ['-c', 'init.defaultBranch=main', 'init', '-q', path], { stdio: 'ignore' });
  }
}

function startVictim(
  host: Pick<Host, 'root' | 'secret' | 'attempts'>,
  name: string,
): Promise<[Victim, ChildProcess]> {
  const touched = join(host.root, `touched-${name}`);
  const child = spawn(
    host.attempts,
    ['victim', join(host.root, 'outside/secret.txt'), host.secret, `/rf-matrix-${name}`, touched],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`victim ${name} did not start`)));
    child.stdout.once('data', (line: Buffer) => {
      child.removeAllListeners('exit');
      resolve([{ ...(JSON.parse(line.toString()) as Omit<Victim, 'touched'>), touched }, child]);
    });
  });
}

function firstLine(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${what} ended early with ${code}`)));
    child.stdout?.once('data', () => {
      child.removeAllListeners('exit');
      resolve();
    });
  });
}

/** Lays out the host below `root` (which holds the compiled `attempts`) and starts its sinks and victims. */
export async function startHost(root: string, mode: Host['mode'], identity: Host['identity']): Promise<Host> {
  const nonce = process.env.MATRIX_NONCE ?? '';
  if (!/^[a-z0-9]{8}$/.test(nonce)) throw new Error('MATRIX_NONCE must hold eight letters and digits');
  const secret = `rf${nonce}secretZ`;
  furnish(root, secret);
  const workspace = join(root, 'home/project');
  const attempts = join(workspace, '.matrix/attempts');
  mkdirSync(dirname(attempts), { recursive: true });
  execFileSync('cp', [join(root, 'attempts'), attempts]);
  chmodSync(attempts, 0o755);
  const record = join(root, 'received.log');
  appendFileSync(record, '');
  const sinks = spawn(join(root, 'attempts'), ['sinks', record, ...sinkSpecs(root)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstLine(sinks, 'the sinks');
  const victims = new Map<string, Victim>();
  const children: ChildProcess[] = [sinks];
  for (const name of VICTIMS) {
    const [victim, child] = await startVictim({ root, secret, attempts: join(root, 'attempts') }, name);
    victims.set(name, victim);
    children.push(child);
  }
  const settings: Record<string, string> = {};
  for (const path of SETTINGS) settings[path] = readFileSync(path, 'utf8').trim();
  const handle = execFileSync(join(root, 'attempts'), ['handle', join(root, 'outside/secret.txt')], {
    encoding: 'utf8',
  });
  const received = () => readFileSync(record, 'utf8');
  const victim = (name: string): Victim => {
    const found = victims.get(name);
    if (!found) throw new Error(`no victim is called ${name}`);
    return found;
  };
  return {
    root,
    home: join(root, 'home'),
    workspace,
    outside: join(root, 'outside'),
    state: join(root, 'state'),
    attempts,
    identity,
    mode,
    secret,
    settings,
    handle: handle.trim().split(' '),
    mark: (id) => `rf${nonce}-${id}`,
    short: (path) => path.replace(`${root}/`, ''),
    received,
    async settle() {
      const barrier = `barrier-${Math.random().toString(36).slice(2)}`;
      const socket = new Socket();
      socket.on('error', () => undefined);
      socket.connect(ADDRESSES.barrier.port, ADDRESSES.barrier.address, () => socket.write(barrier));
      for (let tries = 0; tries < 500 && !received().includes(barrier); tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
    },
    victim,
    init: () => (mode === 'bare' ? victim('init').pid : 1),
    stop() {
      const segments = [...victims.values()].map((entry) => String(entry.segment));
      for (const name of VICTIMS)
        execFileSync(join(root, 'attempts'), ['release', `/rf-matrix-${name}`, ...segments], {
          stdio: 'ignore',
        });
      for (const child of children) child.kill('SIGKILL');
      if (existsSync(`/dev/shm/rf-${nonce}`)) execFileSync('rm', ['-f', `/dev/shm/rf-${nonce}`]);
    },
  };
}
