/**
 * Stand-ins below HTTP: any bytes, and a name server.
 *
 * @module
 */
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import type { StandIn } from '../schema.ts';
import type { Standing } from './standing.ts';
import type { Listening } from './web.ts';

/** Listens for connections. */
export async function listening(
  standing: Standing,
  { address, port }: Listening,
  talk: (socket: Socket) => void,
): Promise<void> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    standing.connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    talk(socket);
  });
  await new Promise<void>((done, failed) => {
    server.on('error', failed);
    server.listen(port, address, done);
  });
  standing.onClose(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
}

export const tcp = (standing: Standing, at: Listening, { says }: StandIn): Promise<void> =>
  listening(standing, at, (socket) => {
    socket.on('data', (data) => standing.take(data));
    for (const line of says) socket.write(`${line}\n`);
  });

/** The name in a question (RFC 1035, section 4.1.2), and where it ends. */
function questionOf(message: Buffer): { name: string; type: number; end: number } | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    if (length > 63 || at + 1 + length >= message.length) return undefined;
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > message.length) return undefined;
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/**
 * The only name server that there is: it knows the stand-ins, and is that of the domains of `zones`.
 *
 * @param zones domain → who keeps what is asked below it
 */
export async function nameServer(
  port: number,
  names: ReadonlyMap<string, string>,
  zones: ReadonlyMap<string, { standing: Standing; address: string }>,
): Promise<() => void> {
  const socket = createSocket('udp4');
  socket.on('error', () => {});
  socket.on('message', (message, from) => {
    const question = questionOf(message);
    if (!question) return;
    const name = question.name.toLowerCase();
    const zone = [...zones].find(([domain]) => name === domain || name.endsWith(`.${domain}`))?.[1];
    if (zone) {
      zone.standing.connections += 1;
      zone.standing.take(`${question.name}\n`);
    }
    const address = names.get(name) ?? zone?.address;
    const answer = address !== undefined && question.type === 1;
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUInt16BE(address === undefined ? 0x8183 : 0x8180, 2); // a response; NXDOMAIN, or no error
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answer ? 1 : 0, 6);
    header.fill(0, 8);
    const record = answer
      ? [Buffer.from('c00c00010001000000050004', 'hex'), Buffer.from(address.split('.').map(Number))]
      : [];
    socket.send(
      Buffer.concat([header, message.subarray(12, question.end), ...record]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((done, failed) => {
    socket.once('error', failed);
    socket.bind(port, '127.0.0.1', done);
  });
  return () => socket.close();
}
