/**
 * What the provider answers: by the name of the model and the protocol that is spoken.
 *
 * @module
 */
import type { IncomingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** `wait`: until the test lets it go on; `cut`: the connection breaks */
  pieces: (string | Buffer | 'wait' | 'cut')[];
}

type Body = Record<string, unknown>;
type Api = 'messages' | 'chat' | 'responses';

export const LIMITS = {
  'anthropic-ratelimit-requests-remaining': '7',
  'x-ratelimit-remaining-tokens': '1234',
  'request-id': 'req_of_the_test',
  'x-request-id': 'req_of_the_test',
  // what no client inside gets
  'set-cookie': 'track=1',
  'openai-organization': 'org-of-the-operator',
};
const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM_TYPE = { 'content-type': 'text/event-stream; charset=utf-8' };

export function answerFor(path: string, text: string, headers: IncomingHttpHeaders, before: number): Answer {
  const [plain = ''] = path.split('?');
  if (plain.endsWith('/models'))
    return json({ data: [{ id: 'm-1', type: 'model', object: 'model' }], has_more: false, object: 'list' });
  if (/\/models\/[^/]+$/.test(plain))
    return json({ id: plain.split('/').at(-1), type: 'model', object: 'model' });
  const body = JSON.parse(text) as Body;
  if (plain.endsWith('/count_tokens')) return json({ input_tokens: 42 });
  const api: Api = plain.endsWith('/messages')
    ? 'messages'
    : plain.endsWith('/responses')
      ? 'responses'
      : 'chat';
  const model = String(body.model);
  if (model === 'm-overloaded' && before < 2)
    return failure(api, 529, 'overloaded_error', { 'retry-after-ms': '1' });
  if (model === 'm-limited' && before < 1)
    return failure(api, 429, 'rate_limit_error', { 'retry-after-ms': '1', 'retry-after': '0' });
  if (model === 'm-broken') return failure(api, 500, 'api_error', { 'retry-after-ms': '1' });
  if (model === 'm-echo')
    return failure(api, 400, `sent with ${headers['x-api-key'] ?? headers.authorization}`, {});
  if (model === 'm-key')
    return failure(api, 401, `wrong key ${headers['x-api-key'] ?? headers.authorization}`, {});
  return body.stream === true ? streamed(api, model, wantsUsage(body)) : whole(api, model);
}

const wantsUsage = (body: Body): boolean =>
  (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage === true;

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { ...JSON_TYPE, ...LIMITS },
  pieces: [JSON.stringify(value)],
});

const failure = (api: Api, status: number, type: string, headers: Record<string, string>): Answer => ({
  status,
  headers: { ...JSON_TYPE, ...LIMITS, ...headers },
  pieces: [
    JSON.stringify(
      api === 'messages'
        ? { type: 'error', error: { type, message: type } }
        : { error: { message: type, type, param: null, code: type } },
    ),
  ],
});

const CALL = { path: 'notes.txt' };
const USAGE = {
  messages: {
    input_tokens: 100,
    cache_read_input_tokens: 20,
    cache_creation_input_tokens: 0,
    output_tokens: 30,
  },
  chat: {
    prompt_tokens: 120,
    completion_tokens: 30,
    total_tokens: 150,
    prompt_tokens_details: { cached_tokens: 20 },
    completion_tokens_details: { reasoning_tokens: 10 },
  },
  responses: {
    input_tokens: 120,
    output_tokens: 30,
    total_tokens: 150,
    input_tokens_details: { cached_tokens: 20 },
    output_tokens_details: { reasoning_tokens: 10 },
  },
};

const responseOf = (model: string) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model,
  output: [
    { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'I look at it first.' }] },
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'I read the notes.', annotations: [] }],
    },
    {
      id: 'fc_1',
      type: 'function_call',
      call_id: 'call_1',
      name: 'read_file',
      arguments: JSON.stringify(CALL),
    },
  ],
  usage: USAGE.responses,
});

function whole(api: Api, model: string): Answer {
  if (api === 'messages')
    return json({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model,
      content: [
        { type: 'thinking', thinking: 'I look at it first.', signature: 's' },
        { type: 'text', text: 'I read the notes.' },
        { type: 'tool_use', id: 'call_1', name: 'read_file', input: CALL },
      ],
      stop_reason: 'tool_use',
      usage: USAGE.messages,
    });
  if (api === 'responses') return json(responseOf(model));
  return json({
    id: 'c_1',
    object: 'chat.completion',
    model,
    choices: [
      {
        index: 0,
        finish_reason: 'tool_calls',
        message: {
          role: 'assistant',
          content: 'I read the notes.',
          reasoning_content: 'I look at it first.',
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'read_file', arguments: JSON.stringify(CALL) },
            },
          ],
        },
      },
    ],
    usage: USAGE.chat,
  });
}

const named = (type: string, value: Body): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`;
const plain = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

function streamed(api: Api, model: string, usage: boolean): Answer {
  const all =
    api === 'messages'
      ? messageEvents(model)
      : api === 'chat'
        ? chatEvents(model, usage)
        : responseEvents(model);
  const middle = Math.floor(all.length / 2);
  const answer: Answer = { status: 200, headers: { ...STREAM_TYPE, ...LIMITS }, pieces: all };
  if (model === 'm-cut') answer.pieces = [...all.slice(0, middle), 'cut'];
  if (model === 'm-slow') answer.pieces = [...all.slice(0, middle), 'wait', ...all.slice(middle)];
  if (model === 'm-bytes')
    answer.pieces = all.flatMap((event) => [...Buffer.from(event)].map((byte) => Buffer.from([byte])));
  if (model === 'm-encoded') {
    answer.headers = { ...answer.headers, 'content-encoding': 'gzip' };
    answer.pieces = [gzipSync(all.join(''))];
  }
  if (model === 'm-deep') answer.pieces = [deepEvent(api), ...all];
  if (model === 'm-malformed')
    answer.pieces = [
      'data: {not json\n\n',
      ':\r\n',
      'nonsense\r\rdata',
      ': "text"\n\n',
      '\xff\xfe\n\n',
      ...all,
    ];
  return answer;
}

/** An event of each protocol whose JSON nests further than anybody's stack. */
function deepEvent(api: Api): string {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const call = { type: 'tool_use', id: 'c', name: 't', input: '?', action: '?' };
  const event =
    api === 'chat'
      ? { choices: [{ index: '?', delta: { tool_calls: [{ index: '?' }] } }] }
      : api === 'messages'
        ? { type: 'content_block_start', index: '?', content_block: call }
        : { type: 'response.output_item.done', output_index: '?', item: { ...call, type: 'function_call' } };
  return `data: ${JSON.stringify(event).replaceAll('"?"', deep)}\n\n`;
}

function messageEvents(model: string): string[] {
  const block = (index: number, start: Body, deltas: Body[]) => [
    named('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => named('content_block_delta', { index, delta })),
    named('content_block_stop', { index }),
  ];
  const [first, second] = [JSON.stringify(CALL).slice(0, 7), JSON.stringify(CALL).slice(7)];
  return [
    named('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        usage: { ...USAGE.messages, output_tokens: 1 },
      },
    }),
    named('ping', {}),
    ...block(0, { type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking: 'I look ' },
      { type: 'thinking_delta', thinking: 'at it first.' },
      { type: 'signature_delta', signature: 's' },
    ]),
    ...block(1, { type: 'text', text: '' }, [
      { type: 'text_delta', text: 'I read ' },
      { type: 'text_delta', text: 'the notes.' },
    ]),
    ...block(2, { type: 'tool_use', id: 'call_1', name: 'read_file', input: {} }, [
      { type: 'input_json_delta', partial_json: first },
      { type: 'input_json_delta', partial_json: second },
    ]),
    named('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 30 } }),
    named('message_stop', {}),
  ];
}

function chatEvents(model: string, usage: boolean): string[] {
  const chunk = (delta: Body, finish: string | null = null) =>
    plain({
      id: 'c_1',
      object: 'chat.completion.chunk',
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(usage && { usage: null }),
    });
  const call = (given: string, more: Body = {}) => ({
    tool_calls: [
      {
        index: 0,
        ...more,
        function: { ...(more.id !== undefined && { name: 'read_file' }), arguments: given },
      },
    ],
  });
  return [
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning_content: 'I look at it first.' }),
    chunk({ content: 'I read ' }),
    chunk({ content: 'the notes.' }),
    chunk(call('', { id: 'call_1', type: 'function' })),
    chunk(call('{"path":')),
    chunk(call('"notes.txt"}')),
    chunk({}, 'tool_calls'),
    ...(usage
      ? [plain({ id: 'c_1', object: 'chat.completion.chunk', model, choices: [], usage: USAGE.chat })]
      : []),
    'data: [DONE]\n\n',
  ];
}

function responseEvents(model: string): string[] {
  const response = responseOf(model);
  const begun = { ...response, status: 'in_progress', output: [], usage: null };
  return [
    named('response.created', { response: begun, sequence_number: 0 }),
    ...response.output.flatMap((item, output_index) => [
      named('response.output_item.added', { output_index, item }),
      ...(item.type === 'message'
        ? [
            named('response.output_text.delta', {
              output_index,
              content_index: 0,
              item_id: item.id,
              delta: 'I read the notes.',
            }),
          ]
        : []),
      named('response.output_item.done', { output_index, item }),
    ]),
    named('response.completed', { response }),
  ];
}
