/**
 * Verdicts over real captures, where they are beside the repository: reverse SSH, SOCKS, a reverse shell, a DNS
 * tunnel, and benign traffic. They are not part of the project, so their absence is said and skipped.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readQuery } from './dns/wire.ts';
import { normaliseName } from './policy/names.ts';
import { Policy } from './policy/policy.ts';
import { FlowShape } from './shape/flow-shape.ts';
import { UdpShape } from './shape/udp.ts';
import { Sniffer } from './sniff/sniffer.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/data/pcap/', import.meta.url));
const present = existsSync(FOLDER);
if (!present) console.log('captures: skipped, ../shared/data/pcap is not beside this repository');

interface Packet {
  /** milliseconds */
  time: number;
  protocol: number;
  source: string;
  destination: string;
  sourcePort: number;
  port: number;
  sequence: number;
  syn: boolean;
  payload: Buffer;
}

/** Frames of a classic pcap file (Ethernet, IPv4). */
function* packets(name: string): Generator<Packet> {
  const file = readFileSync(`${FOLDER}${name}.pcap`);
  const little = file.readUInt32LE(0) === 0xa1b2c3d4 || file.readUInt32LE(0) === 0xa1b23c4d;
  const word = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  expect(word(20)).toBe(1);
  for (let at = 24; at + 16 <= file.length; ) {
    const time = word(at) * 1000 + word(at + 4) / (word(0) === 0xa1b23c4d ? 1e6 : 1000);
    const frame = file.subarray(at + 16, at + 16 + word(at + 8));
    at += 16 + frame.length;
    if (frame.length < 34 || frame.readUInt16BE(12) !== 0x0800) continue;
    const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
    const header = ((ip[0] as number) & 15) * 4;
    const protocol = ip[9] as number;
    const body = ip.subarray(header);
    if ((protocol !== 6 && protocol !== 17) || body.length < 8) continue;
    const offset = protocol === 6 ? ((body[12] as number) >> 4) * 4 : 8;
    yield {
      time,
      protocol,
      source: ip.subarray(12, 16).join('.'),
      destination: ip.subarray(16, 20).join('.'),
      sourcePort: body.readUInt16BE(0),
      port: body.readUInt16BE(2),
      sequence: protocol === 6 ? body.readUInt32BE(4) : 0,
      syn: protocol === 6 && ((body[13] as number) & 0x12) === 2,
      payload: body.subarray(offset),
    };
  }
}

/** `port protocol` of every TCP connection of a capture, judged by its bytes in order of sequence numbers. */
function verdicts(name: string): string[] {
  const flows = new Map<string, { sniffer: Sniffer; next: Map<string, number>; port: number }>();
  for (const packet of packets(name)) {
    if (packet.protocol !== 6) continue;
    const from = `${packet.source}:${packet.sourcePort}`;
    const to = `${packet.destination}:${packet.port}`;
    if (packet.syn)
      flows.set(`${from} ${to}`, { sniffer: new Sniffer(), next: new Map(), port: packet.port });
    const up = flows.get(`${from} ${to}`);
    const flow = up ?? flows.get(`${to} ${from}`);
    if (!flow || packet.payload.length === 0) continue;
    const expected = flow.next.get(from) ?? packet.sequence;
    if (packet.sequence !== expected) continue;
    flow.next.set(from, (expected + packet.payload.length) >>> 0);
    flow.sniffer.feed(up ? 'up' : 'down', packet.payload);
  }
  return [...flows.values()].map(({ sniffer, port }) => `${port} ${sniffer.conclude().protocol}`);
}

/** What the TCP connections of a capture look like. */
function shapes(name: string): string[] {
  const flows = new Map<string, { shape: FlowShape; next: Map<string, number> }>();
  const found: string[] = [];
  for (const { protocol, source, sourcePort, destination, port, syn, payload, sequence, time } of packets(
    name,
  )) {
    if (protocol !== 6) continue;
    const from = `${source}:${sourcePort}`;
    const to = `${destination}:${port}`;
    if (syn) flows.set(`${from} ${to}`, { shape: new FlowShape(), next: new Map() });
    const up = flows.get(`${from} ${to}`);
    const flow = up ?? flows.get(`${to} ${from}`);
    if (!flow || payload.length === 0 || sequence !== (flow.next.get(from) ?? sequence)) continue;
    flow.next.set(from, (sequence + payload.length) >>> 0);
    const shape = flow.shape.feed(up ? 'up' : 'down', payload, time);
    if (shape && shape.shape !== 'ssh-session') found.push(shape.shape);
  }
  return found;
}

describe.skipIf(!present)('captures', () => {
  test.each([
    ['ssh_R_22', ['reverse-ssh']],
    ['ssh_R_443', ['reverse-ssh']],
    ['autossh_R', ['reverse-ssh']],
    ['ssh_D_8443', ['ssh-forward']],
    ['ncat_revshell', ['interactive']],
    ['ben_ssh_cmd', []],
    ['ben_http', []],
  ])('the shapes of %s', (name, expected) => {
    expect(shapes(name)).toEqual(expected);
  });

  test('the shape of iodine', () => {
    const shape = new UdpShape();
    const found: string[] = [];
    for (const { protocol, port, sourcePort, payload, time } of packets('iodine')) {
      if (protocol !== 17 || (port !== 53 && sourcePort !== 53)) continue;
      const told = shape.feed(port === 53 ? 'up' : 'down', payload, time);
      if (told) found.push(told.shape);
    }
    expect(found).toEqual(['dns-tunnel']);
  });

  test.each([
    ['ssh_R_22', /^\d+ ssh$/],
    ['ssh_R_443', /^443 ssh$/],
    ['autossh_R', /^\d+ ssh$/],
    ['ssh_D_8443', /^8443 ssh$/],
    ['ben_ssh_cmd', /^\d+ ssh$/],
    ['ben_http', /^\d+ http$/],
    ['socks5', /^\d+ socks5$/],
    ['ncat_revshell', /^\d+ unknown$/],
  ])('%s', (name, expected) => {
    const found = verdicts(name);
    expect(
      found.some((verdict) => expected.test(verdict)),
      found.join(', '),
    ).toBe(true);
    if (!name.startsWith('ben_http')) expect(found.filter((verdict) => verdict.endsWith(' tls'))).toEqual([]);
  });

  test('iodine: not one query of a DNS tunnel is for a permitted name', () => {
    const policy = new Policy({
      network: [{ host: 'api.example.com', port: 443, protocol: 'https' }],
      resolve: {},
      hosts: {},
    });
    let queries = 0;
    const names = new Set<string>();
    for (const { protocol, port, payload } of packets('iodine')) {
      if (protocol !== 17 || port !== 53) continue;
      const result = readQuery(payload);
      queries += 1;
      if (!result.ok) continue;
      names.add(result.query.shown);
      const name = result.query.name === undefined ? undefined : normaliseName(result.query.name);
      expect(name !== undefined && policy.rulesFor(name).length > 0).toBe(false);
    }
    expect(queries).toBeGreaterThan(20);
    expect(names.size).toBeGreaterThan(queries / 2);
  });
});
