/**
 * The vendors' own clients in a cell reach their models through the gateway, without knowing of it: streaming and not,
 * with tools, errors and retries; the record has what was said.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
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
