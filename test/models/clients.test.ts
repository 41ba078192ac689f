/**
 * The vendors' own clients in a cell reach their models through the gateway, without knowing of it: streaming and not,
 * with tools, errors and retries; the record has what was said.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { LIMITS } from './scripts.ts';
import { KEY, Models } from './setting.ts';

const SAID = [
  { role: 'assistant', type: 'reasoning', text: 'I look at it first.' },
  { role: 'assistant', type: 'text', text: 'I read the notes.' },
  { role: 'assistant', type: 'tool_call', text: '{"path":"notes.txt"}', id: 'call_1', name: 'read_file' },
];
const APIS = [
  ['messages', '/v1/messages', 'anthropic'],
  ['chat', '/v1/chat/completions', 'openai'],
  ['responses', '/v1/responses', 'openai'],
] as const;

describe.each(identities())('as %s', (identity) => {
  let models: Models;
  beforeEach(async () => {
    models = new Models(identity);
    await models.serve();
  });
  afterEach(() => models.end());

  describe.each(APIS)('%s', (api, path, provider) => {
    it.each(['whole', 'stream'])('%s: what is said arrives, the key stays outside', async (mode) => {
      const answer = await models.sdk(api, mode, 'm-1');
      expect(answer).toMatchObject({ ok: true });
      expect(JSON.stringify(answer)).toContain('the notes.');
      const [seen, ...others] = models.provider.seen;
      expect(others).toEqual([]);
      expect(seen).toMatchObject({ method: 'POST', path });
      expect([seen?.headers['x-api-key'], seen?.headers.authorization]).toContain(
        provider === 'anthropic' ? KEY : `Bearer ${KEY}`,
      );
      expect(
        Object.keys(seen?.headers ?? {}).filter((name) =>
          /stainless|metadata|organi[sz]ation|project/.test(name),
        ),
      ).toEqual([]);
      expect(JSON.parse(seen?.body ?? '')).not.toHaveProperty('metadata');

      const [turn, ...more] = await models.turns();
      expect(more).toEqual([]);
      expect(turn).toMatchObject({
        turn: 'turn-1',
        provider,
        api,
        model: 'm-1',
        stream: mode === 'stream',
        status: 200,
        input: [{ role: 'user', type: 'text', text: 'Read my notes.' }],
        output: SAID,
        tools: ['read_file'],
        usage: { input: 120, output: 30, cached: 20 },
        allowed: true,
        clause: provider === 'anthropic' ? 'models[0]' : 'models[1]',
      });
      expect(turn?.owner?.exe).toMatch(/node/);
    });
  });
});

/** What does not depend on who runs it. */
describe('whoever runs it', () => {
  let models: Models;
  beforeEach(async () => {
    models = new Models(identities().at(-1) ?? 'user');
    await models.serve();
  });
  afterEach(() => models.end());

  it('lists models, and counts tokens', async () => {
    expect(await models.sdk('messages', 'list', '')).toMatchObject({ ok: true, models: ['m-1'] });
    expect(await models.sdk('chat', 'list', '')).toMatchObject({ ok: true, models: ['m-1'] });
    expect(await models.sdk('messages', 'count', 'm-1')).toMatchObject({ ok: true, tokens: 42 });
    expect(await models.turns()).toEqual([]);
  });

  it.each(APIS)('%s: an overloaded provider is asked again by the client itself', async (api) => {
    expect(await models.sdk(api, 'stream', 'm-overloaded')).toMatchObject({ ok: true });
    expect((await models.turns()).map(({ status }) => status)).toEqual([529, 529, 200]);
  });

  it.each(APIS)('%s: a limit’s fields pass untouched, others do not', async (api) => {
    const answer = await models.sdk(api, 'whole', 'm-limited');
    expect(answer).toMatchObject({ ok: true });
    if (api === 'responses') return; // its client does not tell them
    expect(answer.headers).toMatchObject(
      Object.fromEntries(Object.entries(LIMITS).filter(([name]) => !/cookie|organization/.test(name))),
    );
    expect(Object.keys(answer.headers as object)).not.toContain('set-cookie');
    expect(Object.keys(answer.headers as object)).not.toContain('openai-organization');
  });

  it.each(APIS.slice(0, 1))('%s: a provider that fails is heard', async (api) => {
    const answer = await models.sdk(api, 'whole', 'm-broken');
    expect(answer).toMatchObject({ ok: false, status: 500, type: 'InternalServerError' });
    expect((await models.turns()).map(({ status }) => status)).toEqual([500, 500, 500, 500]);
  });

  it.each(APIS)('%s: an answer about the key does not tell it', async (api) => {
    const answer = await models.sdk(api, 'whole', 'm-key');
    expect(answer).toMatchObject({ ok: false, status: 401, type: 'AuthenticationError' });
    expect(JSON.stringify(answer)).not.toContain(KEY);
  });

  it.each(APIS)('%s: a stream that breaks off is on record as far as it came', async (api) => {
    await models.sdk(api, 'stream', 'm-cut');
    const turns = await models.turns();
    expect(turns.length).toBeGreaterThan(0);
    for (const turn of turns) {
      expect(turn.detail).toMatch(/aborted|ended before its end/);
      expect(turn).not.toHaveProperty('usage');
    }
  });

  it.each(APIS)('%s: what is no event changes nothing', async (api) => {
    const answer = await models.sdk(api, 'stream', 'm-malformed');
    // the clients differ in what they forgive; the record has what was said all the same
    expect(answer).toHaveProperty('ok');
    const [turn] = await models.turns();
    if (answer.ok) expect(turn).toMatchObject({ output: SAID });
  });

  it.each(APIS)('%s: pieces of single bytes are one answer', async (api) => {
    expect(await models.sdk(api, 'stream', 'm-bytes')).toMatchObject({ ok: true });
    expect(await models.turns()).toMatchObject([{ output: SAID, usage: { input: 120, output: 30 } }]);
  });

  it.each(APIS)(
    '%s: a client that leaves ends the provider’s work, and all that was asked for counts',
    async (api) => {
      const budget = ', budget: { tokens: 100k }, prices: { "*": { input: 1, output: 2 } }';
      const contract = models.contract(budget);
      const bound = {
        messages: { max_tokens: 60_000 },
        chat: { max_tokens: 60_000 },
        responses: { max_output_tokens: 60_000 },
      };
      await models.sdk(api, 'leave', 'm-slow', bound[api], contract);
      await until('the provider sees it leave', () => models.provider.seen[0]?.left === true);
      const [turn] = await models.turns();
      expect(turn?.detail).toMatch(/went away|ended/);
      expect(turn?.cost).toBeGreaterThan(0.11);
    },
  );

  it('what a stream used is told to a client that asked, and to no other', async () => {
    const quiet = await models.sdk('chat', 'stream', 'm-1');
    expect(quiet.chunks).not.toContain(0);
    const told = await models.sdk('chat', 'stream', 'm-1', { stream_options: { include_usage: true } });
    expect(told.chunks).toContain(0);
    for (const { body } of models.provider.seen)
      expect(JSON.parse(body).stream_options).toEqual({ include_usage: true });
  });

  it('what was said can be erased, and the record still verifies', async () => {
    await models.sdk('messages', 'stream', 'm-1');
    expect(await models.turns()).toMatchObject([{ output: SAID }]);
    const erased = await models.place.command('log', 'erase');
    expect(erased.stdout, erased.stderr).toContain('cannot be read any more');
    expect(await models.turns()).toMatchObject([{ output: [], usage: { input: 120, output: 30 } }]);
    const verified = await models.place.command('log', 'verify');
    expect(verified.code, verified.stderr).toBe(0);
  });
});
