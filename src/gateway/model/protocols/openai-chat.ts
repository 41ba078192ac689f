/**
 * OpenAI's Chat Completions API, which many others speak as well.
 *
 * @module
 */
import type { ModelPart } from '../../../contract/index.ts';
import type { Usage } from '../budget.ts';
import { countOf, type Fields, fieldsOf, listOf, textOf } from '../json.ts';
import type { ServerEvent } from '../sse.ts';
import { cacheKey, contentText, judgeParts, judgeTier, judgeTools, toolNames } from './openai-content.ts';
import { addUsage, numberOf, Parts, parseData } from './parts.ts';
import {
  type Allows,
  type Collected,
  type Collector,
  first,
  judgeCounts,
  judgeFields,
  judgeLists,
  meanings,
  needs,
  type Objection,
  type Protocol,
  withoutFields,
} from './protocol.ts';

const FIELDS = meanings({
  known:
    'model messages stream stream_options max_tokens max_completion_tokens temperature top_p n stop presence_penalty frequency_penalty logit_bias logprobs top_logprobs response_format seed tools tool_choice parallel_tool_calls functions function_call modalities audio prediction reasoning_effort service_tier verbosity prompt_cache_key prompt_cache_retention',
  dropped: 'user metadata safety_identifier',
  'web-search': 'web_search_options',
  store: 'store',
});

const ROLES: Readonly<Record<string, ModelPart['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
};

function object(body: Fields, allows: Allows): Objection | undefined {
  return (
    judgeFields(body, FIELDS, allows) ??
    judgeTier(body) ??
    judgeCounts(body, ['max_tokens', 'max_completion_tokens', 'n']) ??
    judgeLists(body, ['messages', 'tools', 'functions']) ??
    judgeTools(listOf(body.tools), allows) ??
    first(listOf(body.messages), (message) => {
      const { role, content, audio } = fieldsOf(message);
      if (!Object.hasOwn(ROLES, textOf(role))) return { why: 'a message of no known role' };
      if (audio !== undefined && audio !== null) return needs(allows, 'store', 'audio of an earlier answer');
      return judgeParts(content, allows);
    })
  );
}

/** The only other option of a stream; what servers of the same protocol know beyond it changes how usage is told. */
function obfuscation({ stream_options }: Fields): Fields {
  const { include_obfuscation } = fieldsOf(stream_options);
  return typeof include_obfuscation === 'boolean' ? { include_obfuscation } : {};
}

function write(body: Fields, _allows: Allows, secret: string): Fields {
  const { prompt_cache_key: key } = body;
  return {
    ...withoutFields(body, FIELDS),
    ...(typeof key === 'string' && { prompt_cache_key: cacheKey(secret, key) }),
    // what a stream used is told only when it is asked for
    ...(body.stream === true && {
      stream_options: { ...obfuscation(body), include_usage: true },
    }),
  };
}

function callPart(call: Fields): ModelPart {
  const { name, arguments: given, input } = fieldsOf(call.function ?? call.custom);
  return {
    role: 'assistant',
    type: 'tool_call',
    text: textOf(given) || textOf(input),
    id: textOf(call.id),
    name: textOf(name),
  };
}

function messageParts(message: Fields): ModelPart[] {
  const role = ROLES[textOf(message.role)] ?? 'assistant';
  const parts: ModelPart[] = [];
  const reasoning = textOf(message.reasoning_content) || textOf(message.reasoning);
  if (reasoning !== '') parts.push({ role, type: 'reasoning', text: reasoning });
  const text = contentText(message.content) || textOf(message.refusal);
  if (role === 'tool')
    parts.push({ role, type: 'tool_result', text, id: textOf(message.tool_call_id) || textOf(message.name) });
  else if (text !== '') parts.push({ role, type: 'text', text });
  for (const call of listOf(message.tool_calls)) parts.push(callPart(fieldsOf(call)));
  if (message.function_call) parts.push(callPart({ function: message.function_call }));
  return parts;
}

const usageOf = (usage: Fields): Usage => {
  const cached = countOf(fieldsOf(usage.prompt_tokens_details).cached_tokens);
  const reasoning = countOf(fieldsOf(usage.completion_tokens_details).reasoning_tokens);
  return {
    input: countOf(usage.prompt_tokens),
    output: countOf(usage.completion_tokens),
    ...(cached > 0 && { cached }),
    ...(reasoning > 0 && { reasoning }),
  };
};

class ChatCollector implements Collector {
  readonly #parts = new Parts();
  #usage: Fields | undefined;
  #finish: string | undefined;
  #ended = false;

  whole(body: unknown): void {
    const { choices, usage } = fieldsOf(body);
    let number = 0;
    for (const choice of listOf(choices)) {
      const { message, finish_reason } = fieldsOf(choice);
      for (const part of messageParts(fieldsOf(message))) {
        number += 1;
        this.#parts.put(String(number), part);
      }
      this.#finish ??= textOf(finish_reason) || undefined;
    }
    if (usage) this.#usage = fieldsOf(usage);
    this.#ended = true;
  }

  event({ data }: ServerEvent): void {
    if (data === '[DONE]') {
      this.#ended = true;
      return;
    }
    const { choices, usage, error } = parseData(data);
    // some tell with each piece what was used so far: only what is told at the end counts
    if (usage && listOf(choices).every((choice) => fieldsOf(choice).finish_reason))
      this.#usage = fieldsOf(usage);
    if (error) this.#finish = textOf(fieldsOf(error).code) || 'error';
    for (const choice of listOf(choices)) {
      const { index, delta, finish_reason } = fieldsOf(choice);
      this.#delta(numberOf(index), fieldsOf(delta));
      this.#finish = textOf(finish_reason) || this.#finish;
    }
  }

  #delta(choice: string, delta: Fields): void {
    const add = (kind: 'text' | 'reasoning', text: string) => {
      if (text !== '')
        this.#parts.append(`${choice} ${kind}`, text, () => ({ role: 'assistant', type: kind, text: '' }));
    };
    add('reasoning', textOf(delta.reasoning_content) || textOf(delta.reasoning));
    add('text', textOf(delta.content) || textOf(delta.refusal));
    for (const each of listOf(delta.tool_calls)) {
      const call = fieldsOf(each);
      const { arguments: given, input } = fieldsOf(call.function ?? call.custom);
      const key = `${choice} call ${numberOf(call.index)}`;
      this.#parts.append(key, this.#parts.has(key) ? textOf(given) || textOf(input) : '', () =>
        callPart(call),
      );
    }
  }

  get ended(): boolean {
    return this.#ended;
  }

  collected(): Collected {
    return {
      output: this.#parts.list(),
      ...addUsage(this.#usage && usageOf(this.#usage)),
      ...(this.#finish !== undefined && { finish: this.#finish }),
    };
  }
}

const choicesOf = ({ n }: Fields): number => Math.max(1, countOf(n));

export const openaiChat: Protocol = {
  api: 'chat',
  object,
  write,
  parts: (body) => listOf(body.messages).flatMap((message) => messageParts(fieldsOf(message))),
  tools: (body) => toolNames([...listOf(body.tools), ...listOf(body.functions)]),
  bound: (body) => {
    const each = Math.max(countOf(body.max_completion_tokens), countOf(body.max_tokens));
    return each === 0 ? undefined : each * choicesOf(body);
  },
  withBound: (body, tokens) => ({
    ...body,
    max_completion_tokens: Math.max(1, Math.floor(tokens / choicesOf(body))),
  }),
  collector: () => new ChatCollector(),
};

/** Whether an event tells usage alone, as it does where `stream_options` asks for it. */
export function tellsUsageAlone({ data }: ServerEvent): boolean {
  if (!data.includes('"usage"')) return false;
  const { choices, usage } = parseData(data);
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null;
}
