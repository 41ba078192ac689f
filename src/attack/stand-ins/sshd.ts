/**
 * The outside party of a reverse tunnel: OpenSSH's server with keys of its own, which allows the forwarding of one port, and a
 * visitor who walks through it.
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Standing } from './standing.ts';
import type { Listening } from './web.ts';

/** The port that may be forwarded, at the server's loopback. */
export const FORWARDED = 2222;
/** System accounts that nearly every distribution has and that are not locked: for root, who lets nobody in as root. */
const ACCOUNTS = ['daemon', 'bin', 'games', 'mail'];

interface Account {
  name: string;
  uid: number;
  gid: number;
}

export function account(): Account | undefined {
  if (process.getuid?.() !== 0) {
    try {
      const { username, uid, gid } = userInfo();
      return { name: username, uid, gid };
    } catch {
      return undefined;
    }
  }
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , uid, gid] = line.split(':');
    if (ACCOUNTS.includes(name) && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** Makes the keys; the client's is what the payload has. */
export function makeKeys(folder: string): { client: string } {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'scratch', '-f', join(folder, name)]);
  return { client: join(folder, 'client') };
}

/** Whether somebody greets who comes in through the forwarded port. */
function visit(): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port: FORWARDED, timeout: 2000 });
    const end = (came: boolean) => {
      socket.destroy();
      done(came);
    };
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
    socket.on('close', () => end(false));
    socket.once('data', () => end(true));
  });
}

/** @throws where sshd is not here or does not start */
export async function sshd(standing: Standing, { address, port }: Listening, folder: string): Promise<void> {
  const who = account();
  if (!who) throw new Error('no account that sshd could let in');
  const path = (name: string) => join(folder, name);
  const key = readFileSync(path('client.pub'), 'utf8').trim();
  writeFileSync(
    path('authorized'),
    `restrict,port-forwarding,permitlisten="127.0.0.1:${FORWARDED}" ${key}\n`,
  );
  const settings = {
    Port: port,
    ListenAddress: address,
    HostKey: path('host'),
    AuthorizedKeysFile: path('authorized'),
    AllowUsers: who.name,
    PidFile: 'none',
    UsePAM: 'no',
    StrictModes: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    AllowTcpForwarding: 'remote',
    PermitTTY: 'no',
  };
  writeFileSync(
    path('config'),
    `${Object.entries(settings)
      .map((pair) => pair.join(' '))
      .join('\n')}\n`,
  );
  chmodSync(path('client'), 0o644);
  if (process.getuid?.() === 0) chownSync(path('host'), who.uid, who.gid);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', path('config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(process.getuid?.() === 0 && { uid: who.uid, gid: who.gid }),
  });
  let [said, over] = ['', false];
  child.on('error', ({ message }) => {
    said += message;
  });
  child.stderr?.on('data', (data: Buffer) => {
    const text = data.toString('latin1');
    said = (said + text).slice(-4000);
    standing.connections += text.split('Connection from').length - 1;
  });
  standing.onClose(() => {
    over = true;
    child.kill();
  });
  for (const deadline = Date.now() + 5000; !said.includes('Server listening'); await pause(10))
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`sshd does not start: ${said.trim()}`);
  // who is let in comes as soon as there is a door
  void (async () => {
    while (!over && !standing.entered) {
      standing.entered = await visit();
      await pause(50);
    }
  })();
}
