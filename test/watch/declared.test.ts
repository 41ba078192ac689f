/**
 * A scaffold that declares its tool calls at the address inside, in a real cell: what a call leads to is joined to it, what
 * somebody else says is not believed, and nothing that is sent there ends the run.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventBody, LedgerEvent } from '../../src/contract/index.ts';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place } from '../run/place.ts';

type Kind<K extends EventBody['kind']> = Extract<LedgerEvent, { kind: K }>;

/** What every scaffold here begins with. */
const SCAFFOLD = `
import { spawn, spawnSync, execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
const declare = async (body) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(process.env.RINGFENCE_CALLS, { method: 'POST', body: text });
  return [answer.status, await answer.text()].join(' ');
};
const start = (call, more = {}) => declare({ event: 'start', call, tool: 'shell', arguments: { command: call }, ...more });
const end = (call, more = {}) => declare({ event: 'end', call, ok: true, content: 'done', ...more });
`;

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  let service: Server;
  beforeEach(async () => {
    place = new Place(identity);
    service = createServer((_request, response) => response.end('x'));
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    service.close();
    place.remove();
  });

  const port = () => (service.address() as AddressInfo).port;
  const contract = () => `oversight: { calls: declared }
resolve: { service.example.com: [127.0.0.1] }
network: [{ host: service.example.com, port: ${port()}, protocol: http }]
`;

  async function run(script: string) {
    place.file('scaffold.mjs', SCAFFOLD + script);
    const result = await place.run(['node', 'scaffold.mjs'], { contract: contract(), within: 60 });
    const events: LedgerEvent[] = [];
    for await (const event of readLedger(place.lastRecord().ledger)) events.push(event);
    const of = <K extends EventBody['kind']>(kind: K) =>
      events.filter((event): event is Kind<K> => event.kind === kind);
    const executed = (line: string) =>
      of('process.exec').find((event) => event.owner.argv?.join(' ') === line);
    return { ...result, of, executed };
  }

  test('what a call leads to is joined to it: programs, files, flows; by the process, a number, a span', async () => {
    const span = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { code, stdout, stderr, of, executed } = await run(`
      spawnSync('env', ['true', 'before']);
      console.log(await start('first'));
      spawnSync('sh', ['-c', 'env true within; echo x > made.txt; curl -s http://service.example.com:${port()}/ -o /dev/null; true']);
      console.log(await end('first', { content: 'three \\u001b[31mred' }));
      spawnSync('env', ['true', 'between']);
      const shell = spawn('sh', { stdio: ['pipe', 'inherit', 'inherit'] });
      await start('other');
      await start('numbered', { pid: shell.pid });
      shell.stdin.end('env true numbered\\n');
      await once(shell, 'exit');
      await start('spanned', { traceparent: '${span}' });
      spawnSync('env', ['true', 'spanned'], { env: { ...process.env, TRACEPARENT: '${span}' } });
      spawnSync('env', ['true', 'unclear']);
    `);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('204 \n204 \n');
    const [first, other, numbered, spanned] = of('tool.call');
    expect(first).toMatchObject({
      ...{ call: 'declared-1', tool: 'shell', via: 'declared', told: { call: 'first' } },
      ...{ arguments: '{"command":"first"}', clause: 'oversight.calls' },
      context: { toolCall: 'declared-1', by: 'span', confidence: 0.6 },
    });
    expect(of('tool.result')).toMatchObject([{ call: 'declared-1', ok: true, via: 'declared' }]);
    expect(executed('env true before')?.context).toBeUndefined();
    expect(executed('env true within')?.context).toMatchObject({ toolCall: first?.call });
    expect(executed('env true between')?.context).toBeUndefined();
    expect(of('file.change').find(({ path }) => path.endsWith('made.txt'))?.context).toMatchObject({
      toolCall: first?.call,
    });
    const flow = of('flow.open').find(({ host }) => host === 'service.example.com');
    expect(flow?.context).toMatchObject({ toolCall: first?.call });
    expect(other?.call).toBe('declared-2');
    expect(numbered?.process).toBeGreaterThan(1);
    expect(executed('env true numbered')?.context).toMatchObject({ toolCall: numbered?.call });
    expect(executed('env true spanned')?.context).toMatchObject({ toolCall: spanned?.call, by: 'span' });
    // of several that go on, none is taken
    expect(executed('env true unclear')?.context).toBeUndefined();
    for (const { context } of of('process.exec')) expect(context?.confidence ?? 0).toBeLessThan(1);

    const up = await place.command('trace', String(executed('env true within')?.seq), '--json');
    expect(JSON.parse(up.stdout).up, up.stderr).toContainEqual(
      expect.objectContaining({ what: 'call', id: 'declared-1' }),
    );
    const down = await place.command('trace', 'declared-1');
    expect(down.stdout, down.stderr).toContain('true within');
    expect(down.stdout).toContain('declared as first');
    expect(down.stdout).toMatch(
      /a scaffold declared and nothing else shows: [1-9]\d* programs, [1-9]\d* connections/,
    );
    expect(down.stdout).not.toContain('\u001b[31mred');
  });

  test('who declares for a process that is not its own is not believed, nor who ends another’s call', async () => {
    const { code, stderr, of, executed } = await run(`
      const victim = spawn('sh', { stdio: ['pipe', 'inherit', 'inherit'] });
      writeFileSync('attack.mjs', ${JSON.stringify(SCAFFOLD)} + \`
        await start('forged', { pid: Number(process.argv[2]) });
        await end('honest');
        await start('mcp-1', { pid: 1e6 });
      \`);
      await start('honest', { pid: victim.pid });
      const other = spawn('sh', ['-c', 'node attack.mjs ' + victim.pid + '; true']);
      await once(other, 'exit');
      victim.stdin.end('env true after\\n');
      await once(victim, 'exit');
      await end('honest');
    `);
    expect(code, stderr).toBe(0);
    const [honest, forged, renamed] = of('tool.call');
    expect(honest?.told?.call).toBe('honest');
    expect(forged?.process).toBeUndefined();
    expect(forged?.detail).toContain('no process of number');
    expect(renamed?.call).toBe('declared-3');
    expect(executed('env true after')?.context).toMatchObject({ toolCall: honest?.call });
    expect(of('tool.result')).toHaveLength(2);
  });

  test('hostile words: one answer to all of them, each recorded, and the run goes on', async () => {
    const { code, stdout, stderr, of } = await run(`
      const url = new URL(process.env.RINGFENCE_CALLS);
      const bodies = [
        '', 'x', '[]', 'null', '{}', '"' + 'a'.repeat(300000) + '"', '['.repeat(5000), '\\ufeff{}',
        { event: 'start' }, { event: 'begin', call: 'a', tool: 'b', arguments: {} },
        { event: 'start', call: 'a\\nb', tool: 'b', arguments: {} },
        { event: 'start', call: 'a', tool: 'b', arguments: {}, more: 1 },
        { event: 'start', call: 'a', tool: 'b', arguments: {}, pid: 1 },
        { event: 'start', call: 'a', tool: 'b', arguments: {}, pid: 2.5 },
        { event: 'start', call: 'a', tool: 'b', arguments: {}, traceparent: 'x' },
        { event: 'end', call: 'never', ok: true }, { event: 'end', call: 'a', ok: 'yes' },
        '{"event":"start","call":"a","tool":"b","arguments":{},"__proto__":{"x":1}}',
      ];
      const said = new Set();
      for (const body of bodies) said.add(await declare(body));
      for (const path of ['/', '/v1/calls/', '/v1/calls?x=1', '/../v1/calls'])
        said.add((await fetch(url.origin + path, { method: 'POST', body: '{}' })).status + ' ');
      for (const method of ['GET', 'PUT', 'DELETE']) said.add((await fetch(url, { method })).status + ' ');
      // no request at all: whatever comes back, the gateway stays
      for (const bytes of ['\\0\\0\\0', 'GET / HTTP/9\\r\\n\\r\\n', 'POST /v1/calls HTTP/1.1\\r\\nhost: calls.internal\\r\\ncontent-length: 5\\r\\ncontent-length: 6\\r\\n\\r\\nabc']) {
        const socket = connect(Number(url.port), url.hostname);
        socket.on('error', () => {});
        socket.resume().end(bytes);
        await once(socket, 'close');
      }
      for (let index = 0; index < 40; index += 1) {
        const socket = connect(Number(url.port), url.hostname);
        socket.on('error', () => {});
        socket.write('POST /v1/calls HTTP/1.1\\r\\nhost: calls.internal\\r\\ncontent-length: 5\\r\\n\\r\\nab');
        await once(socket, 'connect').catch(() => {});
        socket.destroy();
      }
      const flood = [];
      for (let index = 0; index < 400; index += 1) flood.push({ event: 'start', call: 'f' + index, tool: 'flood', arguments: {}, pid: 4e6 });
      for (const body of flood) said.add(await declare(body));
      console.log(JSON.stringify([...said]));
    `);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('["204 "]\n');
    const calls = of('tool.call');
    expect(calls.length).toBeGreaterThan(50);
    expect(calls.length).toBeLessThanOrEqual(256);
    for (const { tool } of calls) expect(tool).toBe('flood');
    const refused = of('denial').filter(({ clause }) => clause === 'oversight.calls');
    expect(refused.length).toBeGreaterThan(0);
    for (const { what } of refused) expect(what).toMatch(/^declare a tool call: /);
    expect(of('run.stop')).toMatchObject([{ reason: 'ended' }]);
  });

  test('where the contract does not ask for it there is no such name, and no variable', async () => {
    const words = [
      'sh',
      '-c',
      'echo "[$RINGFENCE_CALLS]"; curl -s -m 5 http://calls.internal:8088/v1/calls || echo none',
    ];
    const { stdout } = await place.run(words, {
      contract: contract().replace('calls: declared', 'calls: none'),
    });
    expect(stdout).toBe('[]\nnone\n');
  });

  test('a checker is told of no such address', async () => {
    place.file('check.sh', 'test -z "$RINGFENCE_CALLS"');
    const { code, stderr } = await place.run(['true'], {
      contract: `objective: { success: { run: sh check.sh, protect: [check.sh] } }\noversight: { calls: declared }\n`,
    });
    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/failed/i);
  });
});
