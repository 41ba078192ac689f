/**
 * The vendors' own clients in a cell reach their models through the gateway, without knowing of it: streaming and not,
 * with tools, errors and retries; the record has what was said.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const MODES = ['whole', 'stream'];
const CALLS = APIS.flatMap(([api, path, provider]) => MODES.map((mode) => ({ api, path, provider, mode })));
/** One call of each protocol. */
const each = (mode: string, model: string) =>
  APIS.map(([api]) => ({ api, mode, model, say: `Read my notes, ${api}.` }));

describe.each(identities())('as %s', (identity) => {
  let models: Models;
  beforeAll(async () => {
    models = new Models(identity);
    await models.serve();
  });
  afterAll(() => models.end());

  it('what is said arrives, the key stays outside', async () => {
    const say = ({ api, mode }: { api: string; mode: string }) => `Read my notes, ${api} ${mode}.`;
    const answers = await models.sdks(CALLS.map((call) => ({ ...call, model: 'm-1', say: say(call) })));
    const turns = await models.turns();
    expect(models.provider.seen).toHaveLength(CALLS.length);
    expect(turns).toHaveLength(CALLS.length);
    for (const [index, call] of CALLS.entries()) {
      const { api, path, provider, mode } = call;
      expect(answers[index]).toMatchObject({ ok: true });
      expect(JSON.stringify(answers[index])).toContain('the notes.');
      const seen = models.provider.seen[index];
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
      expect(turns[index]).toMatchObject({
        turn: `turn-${index + 1}`,
        provider,
        api,
        model: 'm-1',
        stream: mode === 'stream',
        status: 200,
        input: [{ role: 'user', type: 'text', text: say(call) }],
        output: SAID,
        tools: ['read_file'],
        usage: { input: 120, output: 30, cached: 20 },
        allowed: true,
        clause: provider === 'anthropic' ? 'models[0]' : 'models[1]',
      });
      expect(turns[index]?.owner?.exe).toMatch(/node/);
    }
  });
});

/** What does not depend on who runs it. */
describe('whoever runs it', () => {
  let models: Models;
  beforeAll(async () => {
    models = new Models(identities().at(-1) ?? 'user');
    await models.serve();
  });
  afterAll(() => models.end());

  it('lists models, and counts tokens, which is on record though it is no turn', async () => {
    const [first, second, counted] = await models.sdks([
      { api: 'messages', mode: 'list', model: '' },
      { api: 'chat', mode: 'list', model: '' },
      { api: 'messages', mode: 'count', model: 'm-1' },
    ]);
    expect(first).toMatchObject({ ok: true, models: ['m-1'] });
    expect(second).toMatchObject({ ok: true, models: ['m-1'] });
    expect(counted).toMatchObject({ ok: true, tokens: 42 });
    expect(await models.turns()).toEqual([]);
    expect(await models.events()).toContainEqual(
      expect.objectContaining({
        kind: 'http.request',
        method: 'POST',
        path: '/v1/messages/count_tokens',
        status: 200,
      }),
    );
  });

  it('an overloaded provider is asked again by the client itself', async () => {
    for (const answer of await models.sdks(each('stream', 'm-overloaded')))
      expect(answer).toMatchObject({ ok: true });
    const [one, two, three] = [529, 529, 200];
    expect((await models.turns()).map(({ status }) => status)).toEqual([
      one,
      two,
      three,
      one,
      two,
      three,
      one,
      two,
      three,
    ]);
  });

  it('a limit’s fields pass untouched, others do not', async () => {
    const answers = await models.sdks(each('whole', 'm-limited'));
    for (const [index, answer] of answers.entries()) {
      expect(answer).toMatchObject({ ok: true });
      if (APIS[index]?.[0] === 'responses') continue; // its client does not tell them
      expect(answer.headers).toMatchObject(
        Object.fromEntries(Object.entries(LIMITS).filter(([name]) => !/cookie|organization/.test(name))),
      );
      expect(Object.keys(answer.headers as object)).not.toContain('set-cookie');
      expect(Object.keys(answer.headers as object)).not.toContain('openai-organization');
    }
  });

  it('a provider that fails is heard, and an answer about the key does not tell it', async () => {
    const [failed, ...others] = await models.sdks([
      { api: 'messages', mode: 'whole', model: 'm-broken' },
      ...each('whole', 'm-key'),
      ...each('whole', 'm-echo'),
    ]);
    expect(failed).toMatchObject({ ok: false, status: 500, type: 'InternalServerError' });
    expect((await models.turns()).slice(0, 4).map(({ status }) => status)).toEqual([500, 500, 500, 500]);
    expect(others).toHaveLength(6);
    for (const answer of others) {
      expect(answer).toMatchObject({ ok: false, status: 401, type: 'AuthenticationError' });
      expect(JSON.stringify(answer)).not.toContain(KEY);
    }
  });

  it('a stream that breaks off is on record as far as it came', async () => {
    await models.sdks(each('stream', 'm-cut'));
    const turns = await models.turns();
    expect(new Set(turns.map(({ api }) => api)).size).toBe(3);
    for (const turn of turns) {
      expect(turn.detail).toMatch(/aborted|ended before its end/);
      expect(turn).not.toHaveProperty('usage');
    }
  });

  it('what is no event changes nothing, pieces of single bytes are one answer', async () => {
    const answers = await models.sdks([...each('stream', 'm-malformed'), ...each('stream', 'm-bytes')]);
    const turns = await models.turns();
    for (const [index, answer] of answers.entries()) {
      const { api, model } = [...each('', 'm-malformed'), ...each('', 'm-bytes')][index] ?? {};
      const found = turns.filter((turn) => turn.api === api && turn.model === model);
      // the clients differ in what they forgive; the record has what was said all the same
      if (model === 'm-bytes') expect(answer).toMatchObject({ ok: true });
      if (answer.ok) expect(found).toMatchObject([{ output: SAID }]);
      if (model === 'm-bytes') expect(found).toMatchObject([{ usage: { input: 120, output: 30 } }]);
    }
  });

  it('an answer that cannot be read, or nests without end, reaches nobody, and the gateway goes on', async () => {
    const answers = await models.sdks([
      ...each('stream', 'm-encoded').map((call) => ({ ...call, retries: 0 })),
      ...each('stream', 'm-deep').map((call) => ({ ...call, retries: 0 })),
      { api: 'messages', mode: 'stream', model: 'm-1' },
    ]);
    for (const answer of answers.slice(0, 3)) expect(answer).toMatchObject({ ok: false, status: 502 });
    expect(answers.at(-1)).toMatchObject({ ok: true });
    const turns = await models.turns();
    expect(turns.at(-1)).toMatchObject({ output: SAID });
    expect(turns.filter(({ model }) => model === 'm-encoded').map(({ detail }) => detail)).toEqual(
      Array(3).fill('the answer is encoded, though none was asked for'),
    );
  });

  it('a client that leaves ends the provider’s work, and all that was asked for counts', async () => {
    const budget = ', budget: { tokens: 300k }, prices: { "*": { input: 1, output: 2 } }';
    const bounds = [{ max_tokens: 60_000 }, { max_tokens: 60_000 }, { max_output_tokens: 60_000 }];
    const before = models.provider.seen.length;
    await models.sdks(
      each('leave', 'm-slow').map((call, index) => ({ ...call, more: bounds[index] ?? {} })),
      models.contract(budget),
    );
    await until('the provider sees them leave', () =>
      models.provider.seen.slice(before).every(({ left }) => left),
    );
    const turns = await models.turns();
    expect(turns).toHaveLength(3);
    for (const turn of turns) {
      expect(turn.detail).toMatch(/went away|ended/);
      expect(turn.cost).toBeGreaterThan(0.11);
    }
  });

  it('what a stream used is told to a client that asked, and to no other', async () => {
    const before = models.provider.seen.length;
    const asks = { stream_options: { include_usage: true } };
    const [quiet, told] = await models.sdks([
      { api: 'chat', mode: 'stream', model: 'm-1' },
      { api: 'chat', mode: 'stream', model: 'm-1', more: asks },
    ]);
    expect(quiet?.chunks).not.toContain(0);
    expect(told?.chunks).toContain(0);
    for (const { body } of models.provider.seen.slice(before))
      expect(JSON.parse(body).stream_options).toEqual({ include_usage: true });
  });

  it('what was said is exported when it is asked for, can be erased, and the record still verifies', async () => {
    await models.sdks([{ api: 'messages', mode: 'stream', model: 'm-1' }]);
    expect(await models.turns()).toMatchObject([{ output: SAID }]);
    const unasked = await models.place.command('log', 'export');
    expect(unasked.stdout, unasked.stderr).toContain('"model.turn"');
    expect(unasked.stdout).not.toContain('I look at it first.');
    const asked = await models.place.command('log', 'export', '--transcripts');
    expect(asked.stdout).toContain('I look at it first.');
    const erased = await models.place.command('log', 'erase');
    expect(erased.stdout, erased.stderr).toContain('cannot be read any more');
    expect(await models.turns()).toMatchObject([{ output: [], usage: { input: 120, output: 30 } }]);
    const verified = await models.place.command('log', 'verify');
    expect(verified.code, verified.stderr).toBe(0);
  });
});
