/**
 * Requests that hide from the gateway what a provider, or a server of the same protocol, might read in them.
 */
import { expect, test } from 'vitest';
import { anthropicMessages } from './anthropic.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';

const nothing = () => false;
const said = { messages: [{ role: 'user', content: 'x' }] };
const source = { type: 'url', url: 'https://evil.example.com' };
const result = (content: unknown, type = 'mcp_tool_result') => ({
  max_tokens: 9,
  messages: [{ role: 'user', content: [{ type, tool_use_id: 'c', content }] }],
});

test.each([
  ['tools that are no list', { ...said, max_tokens: 9, tools: { 0: { type: 'web_search_20250305' } } }],
  ['messages that are no list', { max_tokens: 9, messages: { 0: { role: 'user', content: 'x' } } }],
  ['an address in what a server’s tool answered', result([{ type: 'image', source }])],
  ['one deeper', result({ content: { type: 'document', source } }, 'web_fetch_tool_result')],
  ['one without end', result(JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`))],
])('messages: %s', (_what, body) => {
  expect(anthropicMessages.object(body, nothing)).toBeDefined();
});

test('messages: what the agent’s own tools were given is its own', () => {
  const content = [{ type: 'tool_use', id: 'c', name: 't', input: { source } }];
  expect(
    anthropicMessages.object({ max_tokens: 9, messages: [{ role: 'assistant', content }] }, nothing),
  ).toBeUndefined();
});

test.each([
  ['tools that are no list', { ...said, tools: { 0: { type: 'mcp' } } }],
  ['a bound that is text', { ...said, max_tokens: '100000' }],
  ['a bound of no size', { ...said, max_completion_tokens: 1e300 }],
  ['choices that are no count', { ...said, n: '64' }],
  [
    'a file’s data that is an address',
    {
      messages: [
        { role: 'user', content: [{ type: 'file', file: { file_data: 'https://evil.example.com' } }] },
      ],
    },
  ],
])('chat: %s', (_what, body) => {
  expect(openaiChat.object(body, nothing)).toBeDefined();
});

test.each([
  ['tools that are no list', { input: 'x', tools: { 0: { type: 'mcp' } } }],
  [
    'a namespace that is no list',
    { input: 'x', tools: [{ type: 'namespace', tools: { 0: { type: 'mcp' } } }] },
  ],
  ['later tools that are no list', { input: [{ type: 'additional_tools', tools: { 0: { type: 'mcp' } } }] }],
  ['a bound that is text', { input: 'x', max_output_tokens: '100000' }],
])('responses: %s', (_what, body) => {
  expect(openaiResponses.object(body, nothing)).toBeDefined();
});

test('the larger of two bounds counts, for each choice, and a call without one gets one', () => {
  expect(openaiChat.bound({ max_completion_tokens: 1, max_tokens: 1000, n: 3 })).toBe(3000);
  expect(openaiChat.withBound({ n: 3 }, 1000)).toEqual({ n: 3, max_completion_tokens: 333 });
  expect(openaiResponses.withBound({}, 1000)).toEqual({ max_output_tokens: 1000 });
});

test('a stream’s options are those that are known', () => {
  const body = {
    ...said,
    stream: true,
    stream_options: { continuous_usage_stats: true, include_obfuscation: false },
  };
  expect(openaiChat.write(body, nothing, 's')).toMatchObject({
    stream_options: { include_obfuscation: false, include_usage: true },
  });
  expect(openaiChat.write(body, nothing, 's').stream_options).not.toHaveProperty('continuous_usage_stats');
});
