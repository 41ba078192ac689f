/**
 * What cells talk to in the lab: real servers, and small ones of our own where a real one would be heavy.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { makePool, type Pool } from '../../demo/outside/pool.ts';
import { type Certificates, makeCertificates } from '../egress/certificates.ts';
import { accepts, Children, hasProgram, within } from './processes.ts';
import { BEYOND, OUTSIDE } from './world.ts';

export const PORTS = {
  ssh: 2222,
  sshOdd: 8443,
  sshWeb: 443,
  shell: 4444,
  shellTls: 4445,
  socks: 1080,
  beyond: 7070,
  pool: 3333,
  poolTls: 3334,
  stunnel: 5443,
  reverse: 6000,
  web: 8080,
  dns: 53,
} as const;

export interface Outside {
  folder: string;
  children: Children;
  certificates: Certificates;
  pool: Pool;
  /** what was told to the host that only a tunnel reaches */
  beyond: string[];
  /** path of a client's key */
  key: string;
  stop(): void;
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

/** Pools send work now and then; this one more often, so that minutes become seconds. */
function withWork(pool: Pool): Pool {
  pool.server.on('connection', (socket: Socket) => {
    const timer = setInterval(() => {
      const parts = ['"deadbeef"', `"${'0'.repeat(64)}"`, `"${'1'.repeat(220)}"`, `"${'2'.repeat(120)}"`];
      socket.write(
        `{"id":null,"method":"mining.notify","params":[${parts.join(',')},[],"20000000","1d00ffff","0",false]}\n`,
      );
    }, 900);
    socket.on('close', () => clearInterval(timer));
    socket.on('error', () => clearInterval(timer));
  });
  return pool;
}

async function sshd(folder: string, children: Children): Promise<string> {
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    'rsa',
    '-b',
    '2048',
    '-m',
    'PEM',
    '-N',
    '',
    '-f',
    join(folder, 'client-rsa'),
  ]);
  const keys = ['client', 'client-rsa'].map((name) => readFileSync(join(folder, `${name}.pub`), 'utf8'));
  writeFileSync(join(folder, 'authorized'), keys.join(''));
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  writeFileSync(
    join(folder, 'sshd_config'),
    [
      ...[PORTS.ssh, PORTS.sshOdd, PORTS.sshWeb].map((port) => `Port ${port}`),
      `ListenAddress ${OUTSIDE}`,
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized')}`,
      `PidFile ${join(folder, 'sshd.pid')}`,
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'MaxStartups 100',
      'MaxSessions 100',
      'Subsystem sftp internal-sftp',
      'PubkeyAcceptedAlgorithms +ssh-rsa',
      'Ciphers +aes128-cbc',
      'PrintMotd no',
    ].join('\n'),
  );
  children.start('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')]);
  return join(folder, 'client');
}

/** A host behind the tunnel: takes a line, says a word. */
function beyondServer(told: string[]): Server {
  return createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      told.push(data.toString('latin1'));
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nbeyond\n');
    });
  });
}

export async function startOutside(folder: string): Promise<Outside> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const children = new Children();
  const certificates = makeCertificates(folder, ['out.example.com', 'localhost']);
  const key = await sshd(folder, children);
  const pool = withWork(makePool());
  await listen(pool.server, PORTS.pool, OUTSIDE);
  const secured = createTlsServer({ key: certificates.key, cert: certificates.cert }, (socket) =>
    pool.server.emit('connection', socket),
  );
  secured.on('tlsClientError', () => {});
  await listen(secured, PORTS.poolTls, OUTSIDE);
  const beyond: string[] = [];
  const behind = beyondServer(beyond);
  await listen(behind, PORTS.beyond, BEYOND);
  if (hasProgram('microsocks')) children.start('microsocks', ['-i', OUTSIDE, '-p', String(PORTS.socks)]);
  if (hasProgram('stunnel4')) {
    const pem = join(folder, 'stunnel.pem');
    writeFileSync(pem, `${certificates.key}\n${certificates.cert}\n`);
    const conf = [
      'foreground = yes',
      `pid = ${join(folder, 'stunnel.pid')}`,
      `cert = ${pem}`,
      '[shell]',
      `accept = ${OUTSIDE}:${PORTS.stunnel}`,
      `connect = 127.0.0.1:${PORTS.stunnel + 1}`,
    ];
    writeFileSync(join(folder, 'stunnel.conf'), conf.join('\n'));
    children.start('stunnel4', [join(folder, 'stunnel.conf')]);
  }
  if (!(await within(10_000, () => accepts(PORTS.ssh, OUTSIDE))))
    throw new Error(`sshd does not answer: ${[...children.said.values()].join('\n')}`);
  return {
    folder,
    children,
    certificates,
    pool,
    beyond,
    key,
    stop: () => {
      children.stop();
      for (const server of [pool.server, secured, behind]) server.close();
    },
  };
}
