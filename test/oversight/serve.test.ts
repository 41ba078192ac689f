/**
 * Questions by HTTP, of real runs: listed and answered by whoever has the token, and by nobody else.
 *
 * @module
 */
import { existsSync, statSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PendingQuestion } from '../../src/cli/wiring/approvals.ts';
import { identities, Place, ROOT } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { writeCanaryRule } from '../watch/canary.ts';
import { Desk } from './desk.ts';

interface Heard {
  status: number;
  headers: IncomingHttpHeaders;
  body: {
    ok?: boolean;
    message?: string;
    done?: string;
    runs?: { run: string; budget: { asked: number; most: number }; questions: PendingQuestion[] }[];
  };
}

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  let desk: Desk;
  beforeEach(() => {
    place = new Place(identity);
    desk = new Desk(place);
  });
  afterEach(() => place.remove());

  async function serve(...words: string[]) {
    const serving = place.start([join(ROOT, 'ringfence'), 'questions', '--serve', ...words], { within: 60 });
    let said = '';
    serving.child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await until('the token', () => /token (\S+)\n/.test(said));
    const token = /token (\S+)/.exec(said)?.[1] ?? '';
    const port = Number(/address http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? 0);
    const socketPath = /socket (\S+)/.exec(said)?.[1];
    const where = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
    const speak = (
      method: string,
      path: string,
      { body, headers = {} }: { body?: unknown; headers?: Record<string, string | undefined> } = {},
    ) =>
      new Promise<Heard>((done, fail) => {
        const all = {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        };
        const given = Object.entries(all).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        );
        const asked = request({ ...where, method, path, headers: Object.fromEntries(given) }, (response) => {
          let text = '';
          response.on('data', (data: Buffer) => {
            text += data.toString();
          });
          response.on('end', () =>
            done({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) }),
          );
          response.on('error', fail);
        });
        asked.on('error', fail);
        asked.end(typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body));
      });
    const end = async () => {
      serving.child.kill('SIGINT');
      return await serving.result;
    };
    return { speak, end, socketPath, said: () => said };
  }

  function startFound(script: string) {
    writeCanaryRule(place, 'high');
    const more = 'oversight: { rules: [./rules], on: { finding: { high: ask } }, patience: 25s }\n';
    return desk.start(script, `${more}compute: { time: 60s }\n`);
  }

  test('whoever has the token lists and answers, bound to what was shown', async () => {
    const running = startFound('env echo canary-word; sleep 1; env echo canary-word; sleep 1; echo end');
    await desk.questions();
    const { speak, end } = await serve();
    const listed = await speak('GET', '/v1/questions');
    expect(listed.status).toBe(200);
    expect(listed.headers).not.toHaveProperty('access-control-allow-origin');
    const [found] = listed.body.runs ?? [];
    expect(found).toMatchObject({ budget: { asked: 1, most: 50 }, questions: [{ effect: 'finding' }] });
    const { run = '', questions = [] } = found ?? {};
    const digest = questions[0]?.digest ?? '';
    const at = `/v1/questions/${run}/1`;
    // what is wrong changes nothing
    for (const [body, status] of [
      [{ digest: 'another', allow: true }, 409],
      [{ allow: true }, 400],
      [{ digest, allow: 'yes' }, 400],
      [{ digest, allow: true, scope: 'ever' }, 400],
      [{ digest, allow: true, for: 'ever' }, 400],
      [{ digest, allow: true, scope: 'run', for: '1m' }, 400],
      [{ digest, allow: true, port: 22 }, 400],
      ['{', 400],
      ['[]', 400],
      ['x'.repeat(100_000), 413],
    ] as const) {
      const refused = await speak('POST', at, { body });
      expect([refused.status, JSON.stringify(body).slice(0, 60)]).toEqual([
        status,
        JSON.stringify(body).slice(0, 60),
      ]);
    }
    expect(
      (await speak('POST', '/v1/questions/..%2f..%2fx/1', { body: { digest, allow: true } })).status,
    ).toBe(404);
    expect(
      (await speak('POST', '/v1/questions/no-such-run/1', { body: { digest, allow: true } })).status,
    ).toBe(404);
    expect((await desk.questions()).questions[0]?.question).toBe(1);
    const once = await speak('POST', at, { body: { digest, allow: true, scope: 'once' } });
    expect(once).toMatchObject({ status: 200, body: { ok: true, done: expect.stringContaining('goes on') } });
    expect((await speak('POST', at, { body: { digest, allow: true } })).status).toBe(409);
    const second = await (async () => {
      for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(50)) {
        const again = await speak('GET', '/v1/questions');
        const [asked] = again.body.runs?.[0]?.questions ?? [];
        if (asked?.question === 2) return asked;
      }
      throw new Error('there was no second question within 20 s');
    })();
    const for10 = await speak('POST', `/v1/questions/${run}/2`, {
      body: { digest: second.digest, allow: true, for: '10m' },
    });
    expect(for10.status).toBe(200);
    expect(await running).toMatchObject({ code: 0, stdout: expect.stringContaining('end') });
    expect((await end()).code).toBe(0);
    const answers = await desk.eventsOf('approval.answer');
    expect(answers).toMatchObject([
      { question: 1, allow: true, by: expect.stringContaining('by HTTP'), detail: 'once' },
      { question: 2, allow: true, until: expect.any(String) },
    ]);
  });

  test('nobody else: no token, another, a web page by whatever name', async () => {
    const { speak, end } = await serve();
    const path = '/v1/questions';
    for (const [headers, status] of [
      [{ authorization: undefined }, 401],
      [{ authorization: 'Bearer another' }, 401],
      [{ authorization: 'Basic eDp5' }, 401],
      [{ host: 'rebound.example.com' }, 403],
      [{ host: '127.0.0.1:1' }, 403],
      [{ origin: 'http://rebound.example.com' }, 403],
      [{ origin: 'null' }, 403],
      [{ 'sec-fetch-site': 'cross-site' }, 403],
    ] as const) {
      const refused = await speak('GET', path, { headers });
      expect([refused.status, headers]).toEqual([status, headers]);
      expect(refused.body.runs).toBeUndefined();
    }
    const form = { 'content-type': 'text/plain' };
    expect((await speak('POST', `${path}/x/1`, { body: '{}', headers: form })).status).toBe(415);
    const preflight = await speak('OPTIONS', path);
    expect(preflight.status).toBe(405);
    expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect((await speak('GET', path)).body).toEqual({ runs: [] });
    expect((await end()).code).toBe(0);
  });

  test('a socket is its owner’s alone, and gone at the end; no other address than loopback', async () => {
    const path = join(place.root, 'runtime/desk.sock');
    const { speak, end, socketPath } = await serve('--at', path);
    expect(socketPath).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await speak('GET', '/v1/questions', { headers: { host: 'localhost' } })).status).toBe(200);
    expect(
      (await speak('GET', '/v1/questions', { headers: { host: 'localhost', authorization: 'x' } })).status,
    ).toBe(401);
    const second = await place.command('questions', '--serve', '--at', path);
    expect(second.stderr).toContain('is there already');
    await end();
    expect(existsSync(path)).toBe(false);
    for (const at of [
      '0.0.0.0:7070',
      '192.0.2.1:7070',
      '127.0.0.1',
      '[::]:7070',
      'example.com:80',
      '127.0.0.999:1',
    ]) {
      const refused = await place.command('questions', '--serve', '--at', at);
      expect([at, refused.code]).toEqual([at, 2]);
      expect(refused.stderr).toContain('loopback');
    }
  });
});
