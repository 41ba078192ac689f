/**
 * Tunnels whose programs want more than a cell has (a tun device, a pool), by bounded clients that speak as they do, and the
 * other side of each.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import type { Attack, Listener } from './attacks.ts';
import { HOST, type Port } from './cell.ts';
import { within } from './processes.ts';
import { OUTSIDE } from './world.ts';

/** What arrived, and what is answered: bytes, or nothing. */
type Hear = (got: Buffer, canary: string) => { answer?: Buffer; carried?: boolean };

const PATIENCE = 30_000;

const listener = (seen: { carried: boolean }, close: () => void): Listener => ({
  carried: async () => (await within(PATIENCE, () => seen.carried)) ?? false,
  close,
});

function overUdp(port: number, hear: Hear) {
  return async (_: unknown, canary: string): Promise<Listener> => {
    const seen = { carried: false };
    const socket = createSocket('udp4');
    socket.on('message', (got, { port: from, address }) => {
      const { answer, carried } = hear(got, canary);
      if (carried) seen.carried = true;
      if (answer) socket.send(answer, from, address);
    });
    await new Promise<void>((resolve) => socket.bind(port, OUTSIDE, resolve));
    return listener(seen, () => socket.close());
  };
}

function overTcp(port: number, hear: Hear) {
  return async (_: unknown, canary: string): Promise<Listener> => {
    const seen = { carried: false };
    const server = createServer((socket: Socket) => {
      let got = Buffer.alloc(0);
      let answered = false;
      socket.on('error', () => {});
      socket.on('data', (data) => {
        got = Buffer.concat([got, data]);
        const { answer, carried } = hear(got, canary);
        if (carried) seen.carried = true;
        if (answer && !answered) socket.write(answer);
        answered ||= answer !== undefined;
      });
    });
    await new Promise<void>((resolve) => server.listen(port, OUTSIDE, resolve));
    return listener(seen, () => server.close());
  };
}

/** Number of the last name that is asked for. */
const LAST = 59;

/** Puts together what the labels of queries carried. */
function names(): Hear {
  let parts: string[] = [];
  return (got, canary) => {
    const first = got.toString('latin1', 13, 13 + (got[12] ?? 0));
    const [number, part = ''] = first.split('-');
    if (number === '0') parts = [];
    parts[Number(number)] = part;
    // the rest of it shows what it is
    const carried = Number(number) === LAST && Buffer.from(parts.join(''), 'hex').toString().includes(canary);
    const answer = Buffer.concat([
      got,
      Buffer.from([0xc0, 12, 0, 10, 0, 1, 0, 0, 0, 0, 0, 60]),
      randomBytes(60),
    ]);
    answer[2] = 0x85;
    answer[7] = 1;
    return { answer, carried };
  };
}

const holds: Hear = (got, canary) => ({ carried: got.includes(canary) });

function unmasked(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at + 6 <= bytes.length; ) {
    const length = (bytes[at + 1] as number) & 127;
    for (let n = 0; n < length; n += 1)
      text += String.fromCharCode((bytes[at + 6 + n] ?? 0) ^ (bytes[at + 2 + (n & 3)] as number));
    at += 6 + length;
  }
  return text;
}

export function carriers(): Attack[] {
  const carrier = (
    name: string,
    kind: string,
    client: string,
    port: Exclude<Port, number>,
    rule: string,
    hear: Hear,
  ): Attack => ({
    name,
    kind,
    rules: [rule],
    ports: [port],
    script: `node carry.mjs ${client} ${HOST} ${port.port}`,
    outside: async () => true,
    before: (port.protocol === 'udp' ? overUdp : overTcp)(port.port, hear),
    needs: ['node'],
  });
  const udp = (port: number) => ({ port, protocol: 'udp' });
  const tcp = (port: number) => ({ port, protocol: 'tcp' });
  return [
    carrier('data in DNS names', 'DNS tunnel', 'dns', udp(53), 'exfiltration.dns-tunnel', names()),
    carrier('WireGuard', 'VPN', 'wireguard', udp(51_820), 'exfiltration.vpn', (got, canary) => ({
      ...holds(got, canary),
      ...(got[0] === 1 && { answer: Buffer.concat([Buffer.from([2, 0, 0, 0]), randomBytes(88)]) }),
    })),
    carrier('OpenVPN', 'VPN', 'openvpn', udp(1194), 'exfiltration.vpn', (got, canary) => ({
      ...holds(got, canary),
      ...(got[0] === 0x38 && { answer: Buffer.concat([Buffer.from([0x40]), randomBytes(25)]) }),
    })),
    carrier('Stratum v2', 'Stratum v2', 'stratum2', tcp(3336), 'compute-diversion.stratum', (got, canary) => {
      const sealed = got.subarray(64 + 22);
      const plain = Buffer.from([...sealed].map((byte, n) => byte ^ ((89 * n + 41) & 255)));
      return { answer: randomBytes(234), carried: plain.includes(canary) };
    }),
    carrier(
      'SSH in WebSocket',
      'WebSocket tunnel',
      'websocket',
      tcp(8081),
      'exfiltration.websocket-tunnel',
      (got, canary) => {
        const end = got.indexOf('\r\n\r\n');
        if (end < 0) return {};
        const switched =
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
        return { answer: Buffer.from(switched), carried: unmasked(got.subarray(end + 4)).includes(canary) };
      },
    ),
  ];
}
