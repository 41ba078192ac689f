/**
 * Answers that a provider writes against us, or that break off where it suits the agent.
 */
import { expect, test } from 'vitest';
import { anthropicMessages } from './anthropic.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import type { Collector } from './protocol.ts';

const hear = (collector: Collector, ...events: unknown[]) => {
  for (const event of events) {
    const data = typeof event === 'string' ? event : JSON.stringify(event);
    collector.event({ raw: '', event: '', data });
  }
  return collector.collected();
};
const all = () => [anthropicMessages, openaiChat, openaiResponses].map((protocol) => protocol.collector());
const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

const STRANGE: unknown[] = [
  { type: 'content_block_start', index: { toString: 1 }, content_block: { type: 'text', text: 'x' } },
  { type: 'content_block_delta', index: [[{}]], delta: { text: 'x' } },
  { choices: [{ index: { toString: 1 }, delta: { tool_calls: [{ index: { valueOf: 1, toString: 2 } }] } }] },
  {
    type: 'response.output_item.done',
    output_index: { toString: 1 },
    item: { type: 'message', content: 'x' },
  },
  { type: 'response.output_text.delta', output_index: { toString: 1 }, delta: 'x' },
  { __proto__: null, constructor: 1, choices: 'x', usage: 7, error: 1, type: ['message_start'] },
  { type: 'message_start', message: { usage: 'x', content: 7 } },
  { type: 'message_delta', usage: { output_tokens: -5, ['__proto__']: { output_tokens: 1 } }, delta: null },
];
test('numbers that are none, fields of other kinds', () => {
  for (const event of STRANGE)
    for (const collector of all())
      expect(() => hear(collector, event, event), JSON.stringify(event)).not.toThrow();
});

test('what nests without end is left out', () => {
  const start = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","name":"t","input":${deep(200_000)}}}`;
  const item = `{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","action":${deep(200_000)}}}`;
  for (const collector of all()) expect(hear(collector, start, item).output).toEqual([]);
});

test('what a stream used counts when it is told at the end, and not on the way', () => {
  const piece = {
    choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  };
  expect(hear(openaiChat.collector(), piece, piece)).not.toHaveProperty('usage');
  const last = {
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 7 },
  };
  expect(hear(openaiChat.collector(), piece, last).usage).toEqual({ input: 9, output: 7 });
  const started = { type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1 } } };
  expect(hear(anthropicMessages.collector(), started)).not.toHaveProperty('usage');
  expect(
    hear(anthropicMessages.collector(), started, { type: 'error', error: { type: 'x' } }),
  ).not.toHaveProperty('usage');
});

test('writing into a cache costs more than input', () => {
  const usage = { input_tokens: 10, output_tokens: 1, cache_creation_input_tokens: 1000 };
  const whole = (more: object) => {
    const collector = anthropicMessages.collector();
    collector.whole({ content: [], usage: { ...usage, ...more } });
    return collector.collected().usage;
  };
  expect(whole({})).toEqual({ input: 1010, output: 1, surcharge: 1000 });
  expect(
    whole({ cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 600 } }),
  ).toMatchObject({ surcharge: 700 });
  expect(whole({ cache_creation: { ephemeral_5m_input_tokens: 9000 } })).toMatchObject({ surcharge: 250 });
});
