/**
 * What an agent may try with its models: other paths, keys, hosts and headers, what a provider would do on its side,
 * bodies that are none. Nothing of it reaches the provider, and the answer never says which it was.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL_PLACEHOLDER } from '../../src/contract/index.ts';
import { identities } from '../run/place.ts';
import { Models } from './setting.ts';

interface Attempt {
  what: string;
  host?: string;
  text: string;
  repeat?: number;
}

const ask = (
  body: object,
  { path = '/v1/messages', host = 'anthropic.models.internal:8080', headers = '' } = {},
) => {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`;
};
const OPENAI = { host: 'openai.models.internal:8080' };
const messages = (more: object) =>
  ask({ model: 'm-1', max_tokens: 9, messages: [{ role: 'user', content: 'x' }], ...more });
const blocks = (...content: object[]) => messages({ messages: [{ role: 'user', content }] });
const chat = (more: object) =>
  ask(
    { model: 'm-1', messages: [{ role: 'user', content: 'x' }], ...more },
    { path: '/v1/chat/completions', ...OPENAI },
  );
const responses = (more: object) =>
  ask({ model: 'm-1', input: 'x', ...more }, { path: '/v1/responses', ...OPENAI });

/** Each of these is refused with the same words. */
const FORBIDDEN: Attempt[] = [
  { what: 'a web search', text: messages({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }) },
  { what: 'a fetch', text: messages({ tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] }) },
  {
    what: 'code on the other side',
    text: messages({ tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] }),
  },
  { what: 'a tool of tomorrow', text: messages({ tools: [{ type: 'teleport_20991231', name: 'x' }] }) },
  {
    what: 'an MCP server',
    text: messages({ mcp_servers: [{ type: 'url', url: 'https://evil.example.com', name: 'x' }] }),
  },
  { what: 'a container', text: messages({ container: 'container_1' }) },
  { what: 'a field of tomorrow', text: messages({ notify_url: 'https://evil.example.com' }) },
  {
    what: 'an image by address',
    text: blocks({ type: 'image', source: { type: 'url', url: 'http://169.254.169.254/' } }),
  },
  {
    what: 'a document by address',
    text: blocks({ type: 'document', source: { type: 'url', url: 'https://evil.example.com/?q=secret' } }),
  },
  { what: 'a file', text: blocks({ type: 'document', source: { type: 'file', file_id: 'file_1' } }) },
  {
    what: 'an address in a tool’s result',
    text: blocks({
      type: 'tool_result',
      tool_use_id: 'c',
      content: [{ type: 'image', source: { type: 'url', url: 'https://evil.example.com' } }],
    }),
  },
  { what: 'a block of tomorrow', text: blocks({ type: 'webhook', url: 'https://evil.example.com' }) },
  {
    what: 'a key of its own',
    text: ask(
      { model: 'm-1', max_tokens: 9, messages: [] },
      { headers: 'x-api-key: sk-of-somebody-else\r\n' },
    ),
  },
  {
    what: 'a token of its own',
    text: ask(
      { model: 'm-1', max_tokens: 9, messages: [] },
      { headers: `x-api-key: ${MODEL_PLACEHOLDER}\r\nauthorization: Bearer stolen\r\n` },
    ),
  },
  {
    what: 'two keys',
    text: ask(
      { model: 'm-1', max_tokens: 9, messages: [] },
      { headers: `x-api-key: ${MODEL_PLACEHOLDER}\r\nx-api-key: other\r\n` },
    ),
  },
  { what: 'another model', text: messages({ model: 'other-1' }) },
  { what: 'no model', text: messages({ model: ['m-1'] }) },
  { what: 'a dearer tier', text: chat({ service_tier: 'priority' }) },
  { what: 'a search by option', text: chat({ web_search_options: {} }) },
  { what: 'keeping the answer', text: chat({ store: true }) },
  {
    what: 'an image by address',
    text: chat({
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://evil.example.com/i.png' } }],
        },
      ],
    }),
  },
  {
    what: 'an image by another scheme',
    text: chat({
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] },
      ],
    }),
  },
  {
    what: 'a stored file',
    text: chat({ messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'f' } }] }] }),
  },
  { what: 'keeping a response', text: responses({ store: true }) },
  { what: 'an earlier response', text: responses({ previous_response_id: 'resp_of_another_run' }) },
  { what: 'a conversation', text: responses({ conversation: 'conv_1' }) },
  { what: 'work that goes on', text: responses({ background: true }) },
  { what: 'a kept item', text: responses({ input: [{ type: 'item_reference', id: 'msg_1' }] }) },
  {
    what: 'an MCP tool',
    text: responses({ tools: [{ type: 'mcp', server_url: 'https://evil.example.com', server_label: 'x' }] }),
  },
  {
    what: 'an interpreter',
    text: responses({ tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }),
  },
  {
    what: 'a tool that comes later',
    text: responses({
      input: [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'web_search' }] }],
    }),
  },
  {
    what: 'a shell on the other side',
    text: responses({ tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }),
  },
  {
    what: 'a file by address',
    text: responses({
      input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://evil.example.com' }] }],
    }),
  },
  {
    what: 'what is no JSON',
    text: ask({}).replace('{}', '{{').replace('content-length: 2', 'content-length: 2'),
  },
  { what: 'a list', text: ask([1]) },
  { what: 'a bound that is text', text: chat({ max_tokens: '100000' }) },
  { what: 'tools that are no list', text: chat({ tools: { 0: { type: 'mcp' } } }) },
  { what: 'a name that is a message', text: messages({ model: `m-${'x'.repeat(4000)}` }) },
  {
    what: 'an address in what a server’s tool answered',
    text: blocks({
      type: 'mcp_tool_result',
      tool_use_id: 'c',
      content: [{ type: 'image', source: { type: 'url', url: 'https://evil.example.com' } }],
    }),
  },
  { what: 'an encoded body', text: ask({ model: 'm-1' }, { headers: 'content-encoding: gzip\r\n' }) },
];

/** There is no such place. */
const MISSING: Attempt[] = [
  {
    what: 'files',
    text: 'GET /v1/files HTTP/1.1\r\nhost: anthropic.models.internal:8080\r\nconnection: close\r\n\r\n',
  },
  { what: 'an upload', text: ask({}, { path: '/v1/files' }) },
  { what: 'batches', text: ask({}, { path: '/v1/messages/batches' }) },
  {
    what: 'administration',
    text: 'GET /v1/organizations/users HTTP/1.1\r\nhost: anthropic.models.internal:8080\r\nconnection: close\r\n\r\n',
  },
  {
    what: 'a kept answer',
    text: 'GET /v1/responses/resp_1 HTTP/1.1\r\nhost: openai.models.internal:8080\r\nconnection: close\r\n\r\n',
  },
  { what: 'dots', text: ask({}, { path: '/v1/messages/../files' }) },
  {
    what: 'an encoded slash',
    text: 'GET /v1/models/..%2ffiles HTTP/1.1\r\nhost: anthropic.models.internal:8080\r\nconnection: close\r\n\r\n',
  },
  {
    what: 'a query',
    text: 'GET /v1/models?after_id=http%3A%2F%2Fevil HTTP/1.1\r\nhost: anthropic.models.internal:8080\r\nconnection: close\r\n\r\n',
  },
  { what: 'another host', text: ask({}, { host: 'api.anthropic.com' }) },
  { what: 'a whole address', text: ask({}, { path: 'http://evil.example.com/v1/messages' }) },
  {
    what: 'another method',
    text: 'DELETE /v1/models/m-1 HTTP/1.1\r\nhost: openai.models.internal:8080\r\nconnection: close\r\n\r\n',
  },
];

/** No request at all. */
const MALFORMED: Attempt[] = [
  {
    what: 'two lengths',
    text: ask({}).replace('content-length: 2', 'content-length: 2\r\ncontent-length: 40'),
  },
  {
    what: 'length and chunks',
    text: ask({}).replace('content-length: 2', 'content-length: 2\r\ntransfer-encoding: chunked'),
  },
  { what: 'a header cut in two', text: ask({}, { headers: 'x-a: b\rc: d\r\n' }) },
  { what: 'a tunnel', text: 'CONNECT evil.example.com:443 HTTP/1.1\r\nhost: evil.example.com:443\r\n\r\n' },
  {
    what: 'an upgrade',
    text: 'GET /v1/messages HTTP/1.1\r\nhost: anthropic.models.internal:8080\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  },
  { what: 'a gigantic header', text: `GET / HTTP/1.1\r\nx: ${'a'.repeat(200_000)}\r\n\r\n` },
];

describe.each(identities().slice(-1))('as %s', (identity) => {
  let models: Models;
  beforeAll(async () => {
    models = new Models(identity);
    await models.serve();
  });
  afterAll(() => models.end());

  const attempt = async (attempts: readonly Attempt[], contract = models.contract(', models: [m-*]')) => {
    const path = models.place.file('attempts.json', JSON.stringify(attempts));
    const { answers } = await models.inside('raw.mjs', [path], contract);
    return answers as string[];
  };

  it('nothing that goes further than the model reaches the provider, and every refusal is the same', async () => {
    const answers = await attempt(FORBIDDEN);
    const bodies = new Map<string, string[]>();
    answers.forEach((answer, index) => {
      const { what = '', text = '' } = FORBIDDEN[index] ?? {};
      expect(answer, what).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      const key = text.includes('openai.models') ? 'openai' : 'anthropic';
      bodies.set(key, [...(bodies.get(key) ?? []), answer.replace(/^date: .*$/im, '')]);
    });
    for (const same of bodies.values()) expect(new Set(same).size).toBe(1);
    expect(models.provider.seen).toEqual([]);
    const events = await models.events();
    const denied = events.flatMap((event) => (event.kind === 'denial' ? [event] : []));
    expect(denied.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(FORBIDDEN.length);
    expect(denied).toContainEqual(
      expect.objectContaining({
        clause: 'models[0].features',
        allow: 'name web-search under models[0].features',
      }),
    );
  });

  it('there is nothing but calls and names of models', async () => {
    const answers = await attempt(MISSING);
    for (const [index, answer] of answers.entries())
      expect(answer, MISSING[index]?.what).toMatch(/^HTTP\/1\.1 404 /);
    expect(models.provider.seen).toEqual([]);
  });

  it('what is no request is answered once', async () => {
    const answers = await attempt(MALFORMED);
    for (const [index, answer] of answers.entries())
      expect(answer, MALFORMED[index]?.what).toMatch(/^HTTP\/1\.1 4(00|03|04|05|31) |^$/);
    expect(answers.join('')).not.toContain('200 OK');
    expect(models.provider.seen).toEqual([]);
  });

  it('a gigantic body is refused while it comes, and the gateway goes on', async () => {
    const size = 48 * 1024 * 1024;
    const head = (length: string) =>
      `POST /v1/messages HTTP/1.1\r\nhost: anthropic.models.internal:8080\r\n${length}\r\n\r\n`;
    const answers = await attempt([
      { what: 'announced', text: head(`content-length: ${size}`), repeat: 48 },
      {
        what: 'in one chunk',
        text: `${head('transfer-encoding: chunked')}${size.toString(16)}\r\n`,
        repeat: 48,
      },
      { what: 'honest', text: messages({}) },
    ]);
    expect(answers[0]).not.toContain('200 OK');
    expect(answers[1]).not.toContain('200 OK');
    expect(answers[2]).toContain('200 OK');
  });

  it('headers of the agent’s stay inside, and a request goes out as we write it', async () => {
    const before = models.provider.seen.length;
    const headers =
      'openai-organization: org-of-mine\r\nx-forwarded-for: secret\r\ncookie: a=b\r\nanthropic-beta: files-api-2025-04-14, context-1m-2025-08-07\r\nanthropic-version: 2023-06-01 x\r\n';
    const twice =
      '{"model":"other","max_tokens":9,"messages":[{"role":"user","content":"x"}],"model":"m-1","temperature":12345678901234567890}';
    await attempt([
      {
        what: 'headers',
        text: ask(
          {
            model: 'm-1',
            max_tokens: 9,
            messages: [{ role: 'user', content: 'x' }],
            metadata: { user_id: 'x' },
          },
          { headers },
        ),
      },
      {
        what: 'a name twice',
        text: ask({}).replace('content-length: 2', `content-length: ${twice.length}`).replace('{}', twice),
      },
    ]);
    const [first, second] = models.provider.seen.slice(before);
    expect(Object.keys(first?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'anthropic-beta',
      'anthropic-version',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-api-key',
    ]);
    expect(first?.headers).toMatchObject({
      'anthropic-beta': 'context-1m-2025-08-07',
      'anthropic-version': '2023-06-01',
    });
    expect(first?.body).toBe('{"model":"m-1","max_tokens":9,"messages":[{"role":"user","content":"x"}]}');
    expect(second?.body).toBe(
      '{"model":"m-1","max_tokens":9,"messages":[{"role":"user","content":"x"}],"temperature":12345678901234567890}',
    );
  });

  it('what was refused first is still recorded when it goes', async () => {
    const said = { messages: [{ role: 'user', content: 'the hidden request' }] };
    const refused = messages({ ...said, tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
    await attempt([
      ...Array.from({ length: 12 }, () => ({ what: 'refused', text: refused })),
      { what: 'goes', text: messages(said) },
    ]);
    const gone = (await models.turns()).filter(({ allowed }) => allowed);
    expect(gone).toMatchObject([{ input: [{ text: 'the hidden request' }] }]);
  });

  it('the key is nowhere inside, and the provider cannot be reached without the gateway', async () => {
    const script = `env; cat /proc/*/environ | tr '\\0' '\\n'; node -e 'require("node:net").connect(${models.provider.port}, "model.example.com").on("error", (e) => console.log("error", e.code))'`;
    const result = await models.run(['sh', '-c', script]);
    expect(result.stdout).toContain(`ANTHROPIC_API_KEY=${MODEL_PLACEHOLDER}`);
    expect(result.stdout).toContain('OPENAI_BASE_URL=http://openai.models.internal:8080/v1');
    expect(result.stdout).not.toContain('key-of-the-operator');
    expect(result.stdout).toMatch(/error (ENOTFOUND|EAI_AGAIN|ECONNREFUSED)/);
  });

  it.each([
    ['requests', 'budget: { requests: 2 }'],
    ['tokens', 'budget: { tokens: 200 }'],
    ['money', 'budget: { money: 0.0001 }, prices: { "m-*": { input: 0.5, output: 1 } }'],
  ])('a budget of %s ends the run', async (limit, bounds) => {
    const before = models.provider.seen.length;
    const attempts = Array.from({ length: 5 }, () => ({ what: '', text: messages({ max_tokens: 50 }) }));
    const path = models.place.file('attempts.json', JSON.stringify(attempts));
    const result = await models.run(
      ['node', join(models.place.root, 'inside/raw.mjs'), path],
      models.contract(`, ${bounds}`),
    );
    expect(result.stderr).toContain('budget');
    expect(models.place.lastRecord()).toMatchObject({ reason: 'budget' });
    expect(models.provider.seen.length - before).toBeLessThan(3);
    expect(models.provider.seen.length - before).toBeGreaterThan(0);
    const events = await models.events();
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'limit.reached', limit: `models[0].budget.${limit}` }),
    );
  });
});
