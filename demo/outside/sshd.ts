/**
 * The outside party's OpenSSH server: a real sshd on the loopback with a key, a configuration and an authorized key of
 * its own, allowed to do one thing, a reverse forwarding of one port. Started as the invoking user; by root, as
 * a system account, because no demonstration needs a login for root on a port.
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import { accessSync, chmodSync, chownSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Cleanup } from '../cleanup.ts';
import { DemoError } from '../errors.ts';
import { accepts, poll } from './wait.ts';

export interface Sshd {
  port: number;
  user: string;
  /** the private key that it accepts, readable by everybody in the scratch folder: it opens nothing else */
  key: string;
  /** port that a client may ask to have forwarded */
  remotePort: number;
  /** the end of what the server logged */
  said: () => string;
}

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/**
 * System accounts that nearly every distribution has. Not `nobody`: where nss-systemd answers for it, it answers that
 * the account is locked, and sshd refuses locked accounts.
 */
const FOR_ROOT = ['daemon', 'bin', 'games', 'mail'];

/** The account that sshd runs as and lets in: sshd and ssh both insist on an entry in the user database. */
export function accountForSshd(): Account {
  if (process.getuid?.() === 0) {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name = '', , uid, gid] = line.split(':');
      if (FOR_ROOT.includes(name) && Number(uid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
    }
    const hint = 'useradd --system --no-create-home daemon';
    throw new DemoError('NO_ACCOUNT', `none of the users ${FOR_ROOT.join(', ')} exists to run sshd as`, hint);
  }
  try {
    const { username, uid, gid } = userInfo();
    return { name: username, uid, gid };
  } catch {
    const uid = process.getuid?.();
    const hint = `as root: useradd --uid ${uid} --no-create-home NAME; or run the demo as another user`;
    throw new DemoError(
      'NO_ACCOUNT',
      `user id ${uid} has no entry in the user database, and ssh needs one`,
      hint,
    );
  }
}

/** Absolute path of a program, looked up in PATH and where Debian and others put servers. */
export function findProgram(name: string, hint: string): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  for (const folder of folders.filter((folder) => folder.startsWith('/'))) {
    try {
      const path = join(folder, name);
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // looked for in the next folder
    }
  }
  throw new DemoError('NO_PROGRAM', `${name} was not found`, hint);
}

/** Starts sshd in `folder` (made here) and waits until it answers. */
export async function startSshd(
  folder: string,
  ports: { port: number; remotePort: number },
  cleanup: Cleanup,
): Promise<Sshd> {
  const hint = 'install it: apt-get install openssh-server openssh-client (or your system’s packages)';
  const program = findProgram('sshd', hint);
  const keygen = findProgram('ssh-keygen', hint);
  const account = accountForSshd();
  mkdirSync(folder, { mode: 0o711 });
  const path = (name: string) => join(folder, name);
  for (const name of ['host', 'client']) {
    execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', 'scratch', '-f', path(name)]);
  }
  const publicKey = readFileSync(path('client.pub'), 'utf8').trim();
  const listen = `permitlisten="127.0.0.1:${ports.remotePort}"`;
  writeFileSync(path('authorized'), `restrict,port-forwarding,${listen} ${publicKey}\n`);
  writeFileSync(
    path('config'),
    [
      `Port ${ports.port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${path('host')}`,
      `AuthorizedKeysFile ${path('authorized')}`,
      `AllowUsers ${account.name}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'AllowTcpForwarding remote',
      'GatewayPorts no',
      'PermitTTY no',
      'X11Forwarding no',
      'AllowAgentForwarding no',
      '',
    ].join('\n'),
  );
  chmodSync(path('client'), 0o644);
  chownSync(path('host'), account.uid, account.gid);
  const child = spawn(program, ['-D', '-e', '-f', path('config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    uid: account.uid,
    gid: account.gid,
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said = `${said}${data}`.slice(-4000);
  });
  child.on('error', (error) => {
    said = error.message;
  });
  cleanup.killTree(child);
  const up = await poll(5000, async () => child.exitCode !== null || (await accepts(ports.port)));
  if (!up || child.exitCode !== null) {
    throw new DemoError('SSHD', `sshd did not start: ${said.trim()}`, `try: ${program} -t -f CONFIG`);
  }
  return { ...ports, user: account.name, key: path('client'), said: () => said };
}
