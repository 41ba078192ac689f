/**
 * What a program notices of the gateway at the socket interface: errors are upstream's, ends are halves, crowds pass.
 *
 * @module
 */
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ofKind, type Project, type Terms } from './cell.ts';
import { CROWD, HOME4, HOME6 } from './origins.ts';
import { HALVES, makeProject, makeSetting, personNamed, type Setting } from './setting.ts';

let setting: Setting;
beforeAll(async () => {
  setting = await makeSetting();
});
afterAll(() => setting.close());

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  beforeAll(() => {
    project = makeProject(setting, personNamed(setting, who));
  });
  afterAll(() => project.remove());

  const echo = (port: number, protocol = 'tcp', addresses = [HOME4]): Terms => ({
    network: [{ host: 'echo.example.com', port, protocol }],
    resolve: { 'echo.example.com': addresses },
  });
  const sockets = async (terms: Terms, word: string, given: Record<string, unknown>) => {
    const port = terms.network[0]?.port;
    const ended = await project.run(
      terms,
      'python3',
      'sockets.py',
      word,
      JSON.stringify({ host: 'echo.example.com', port, ...given }),
    );
    const [answer = ''] = ended.out.split('\n');
    if (!answer.startsWith('{')) throw new Error(`no answer: ${ended.out}${ended.err}`);
    return { ...ended, answer: JSON.parse(answer) as Record<string, unknown> };
  };

  test('a closed port refuses a blocking connect; a non-blocking one may see it later', async () => {
    const { answer } = await sockets(echo(setting.origins.closed), 'connect', {});
    expect(answer.blocking).toBe('ECONNREFUSED');
    expect(['ECONNREFUSED', 'ECONNRESET']).toContain(answer.nonblocking);
  });

  test('an open port accepts both; the peer that a program sees is the gateway', async () => {
    const { answer, record } = await sockets(echo(setting.origins.digest), 'connect', {});
    expect(answer).toMatchObject({
      wanted: HOME4,
      blocking: 'connected',
      nonblocking: 'connected',
      peer: '127.0.0.1',
    });
    expect(record.flows.map(({ address }) => address)).toEqual([HOME4, HOME4]);
  });

  test('one side may end while the other goes on', async () => {
    const { answer } = await sockets(echo(setting.origins.digest), 'half_close', { bytes: 5_000_000 });
    expect(answer).toEqual({ same: true });
  });

  test(`${CROWD} connections at once`, async () => {
    const { answer, record } = await sockets(echo(setting.origins.crowd), 'crowd', { count: CROWD });
    expect(answer).toEqual({ answered: CROWD });
    expect(record.totals.flows).toBe(CROWD);
  });

  test('connected UDP, both families', async () => {
    const { answer, events } = await sockets(
      echo(setting.origins.udp, 'udp', [HOME4, HOME6]),
      'datagrams',
      {},
    );
    expect(answer).toEqual({ AF_INET: true, AF_INET6: true });
    const closed = ofKind(events, 'flow.close');
    expect(closed.map(({ sent, received }) => [sent, received])).toEqual(Array(2).fill([9201, 9201]));
    expect(ofKind(events, 'flow.open').every(({ owner }) => owner?.argv?.[1] === 'sockets.py')).toBe(true);
  });

  // port 53 is anybody's but 127.0.0.1's, where each look-up goes; who may not bind it cannot show it
  test.skipIf(process.getuid?.() !== 0)('a name server of this machine beside the cell’s own', async () => {
    const servers = [createSocket('udp4'), createSocket({ type: 'udp6', ipv6Only: true })] as const;
    for (const server of servers)
      server.on('message', (bytes, { address, port }) => server.send(bytes, port, address));
    try {
      for (const [index, address] of (['127.0.0.53', HOME6] as const).entries())
        await new Promise<void>((done, failed) => {
          servers[index]?.once('error', failed).bind(53, address, done);
        });
      const terms = echo(53, 'udp', ['127.0.0.53', HOME6]);
      const { answer, record, events } = await sockets(terms, 'datagrams', {});
      expect(answer).toEqual({ AF_INET: true, AF_INET6: true });
      expect(ofKind(events, 'tampering')).toEqual([]);
      expect(record.totals.flows).toBe(2);
      // the second look-up came when the first one's address was known
      expect(ofKind(events, 'dns.query').length).toBeGreaterThanOrEqual(2);
    } finally {
      for (const server of servers) server.close();
    }
  });

  test('a forked child owns what it connects', async () => {
    const { record, events } = await sockets(echo(setting.origins.digest), 'child', {});
    const [started] = ofKind(events, 'process.exec').slice(-1);
    const [flow] = record.flows;
    expect(flow?.owner?.ppid).toBe(started?.owner.pid);
    expect(flow?.owner?.pid).not.toBe(started?.owner.pid);
    expect(flow?.owner?.argv?.[2]).toBe('child');
  });

  test('a process that stalls its own connects stalls nobody else’s', async () => {
    const { answer } = await sockets(echo(setting.origins.digest), 'stall', { count: 30 });
    expect(answer.slowest).toBeLessThan(1);
  });
});
