/**
 * Anthropic's Messages API: answers, whole and as events.
 *
 * @module
 */
import type { ModelPart } from '../../../contract/index.ts';
import type { Usage } from '../budget.ts';
import { countOf, type Fields, fieldsOf, listOf, textOf } from '../json.ts';
import type { ServerEvent } from '../sse.ts';
import {
  messagesParts,
  messagesTools,
  objectToMessages,
  partOf,
  writeMessages,
} from './anthropic-request.ts';
import { addUsage, numberOf, Parts, parseData } from './parts.ts';
import type { Collected, Collector, Protocol } from './protocol.ts';

/**
 * Writing into the cache costs 1.25 times the price of input where it is kept for five minutes, twice where for an hour
 * (the provider's page on prompt caching); of what it does not say the dearer counts.
 */
const surchargeOf = (written: number, { ephemeral_5m_input_tokens: short }: Fields): number => {
  const minutes = Math.min(written, countOf(short));
  return minutes / 4 + (written - minutes);
};

const usageOf = (usage: Fields): Usage => {
  const cached = countOf(usage.cache_read_input_tokens);
  const written = countOf(usage.cache_creation_input_tokens);
  return {
    input: countOf(usage.input_tokens) + written + cached,
    output: countOf(usage.output_tokens),
    ...(cached > 0 && { cached }),
    ...(written > 0 && { surcharge: surchargeOf(written, fieldsOf(usage.cache_creation)) }),
  };
};

class MessageCollector implements Collector {
  readonly #parts = new Parts();
  #usage: Fields | undefined;
  #finish: string | undefined;
  #ended = false;
  #failed = false;

  whole(body: unknown): void {
    const message = fieldsOf(body);
    this.#start(message);
    for (const [index, block] of listOf(message.content).entries())
      this.#parts.put(String(index), partOf('assistant', fieldsOf(block)));
    this.#ended = true;
  }

  event({ data }: ServerEvent): void {
    const event = parseData(data);
    const key = numberOf(event.index);
    if (event.type === 'message_start') this.#start(fieldsOf(event.message));
    else if (event.type === 'content_block_start')
      this.#parts.put(key, this.#begin(fieldsOf(event.content_block)));
    else if (event.type === 'content_block_delta') this.#delta(key, fieldsOf(event.delta));
    else if (event.type === 'message_delta') {
      // counts are of all so far
      this.#usage = { ...this.#usage, ...fieldsOf(event.usage) };
      this.#finish = textOf(fieldsOf(event.delta).stop_reason) || this.#finish;
    } else if (event.type === 'message_stop') this.#ended = true;
    else if (event.type === 'error') {
      this.#finish = textOf(fieldsOf(event.error).type) || 'error';
      this.#failed = true;
      this.#ended = true;
    }
  }

  #start(message: Fields): void {
    if (message.usage !== undefined) this.#usage = fieldsOf(message.usage);
    this.#finish = textOf(message.stop_reason) || this.#finish;
  }

  /** A call's input comes in pieces of its own, after an empty object. */
  #begin(block: Fields): ModelPart {
    const part = partOf('assistant', block);
    return part.type === 'tool_call' && part.text === '{}' ? { ...part, text: '' } : part;
  }

  #delta(key: string, delta: Fields): void {
    const text = textOf(delta.text) || textOf(delta.thinking) || textOf(delta.partial_json);
    this.#parts.append(key, text, () => ({ role: 'assistant', type: 'other', text: '' }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  collected(): Collected {
    // the first event tells the input alone: of a call that breaks off, or fails, nobody knows what it used
    const told = this.#usage !== undefined && this.#ended && !this.#failed;
    return {
      output: this.#parts.list(),
      ...addUsage(told ? usageOf(this.#usage ?? {}) : undefined),
      ...(this.#finish !== undefined && { finish: this.#finish }),
    };
  }
}

export const anthropicMessages: Protocol = {
  api: 'messages',
  object: (body, allows) => objectToMessages(body, allows, false),
  write: writeMessages,
  parts: messagesParts,
  tools: messagesTools,
  bound: ({ max_tokens }) => countOf(max_tokens),
  withBound: (body) => body,
  collector: () => new MessageCollector(),
};

/** The same without an answer: how many tokens it has. */
export const anthropicCount: Protocol = {
  ...anthropicMessages,
  object: (body, allows) => objectToMessages(body, allows, true),
  bound: () => 0,
};
