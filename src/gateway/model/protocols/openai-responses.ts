/**
 * OpenAI's Responses API. What it would keep by default is not kept, unless the contract says `store`.
 *
 * @module
 */
import type { ModelPart } from '../../../contract/index.ts';
import type { Usage } from '../budget.ts';
import { countOf, type Fields, fieldsOf, isFields, listOf, textOf } from '../json.ts';
import type { ServerEvent } from '../sse.ts';
import {
  cacheKey,
  contentText,
  judgePart,
  judgeParts,
  judgeTier,
  judgeTools,
  toolNames,
} from './openai-content.ts';
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
    'model input instructions stream stream_options max_output_tokens max_tool_calls temperature top_p top_logprobs tools tool_choice parallel_tool_calls reasoning text truncation include service_tier context_management prompt_cache_key prompt_cache_retention',
  dropped: 'user metadata safety_identifier client_metadata',
  store: 'store previous_response_id conversation prompt background',
});

/** Items that only repeat what was said or done. */
const PLAIN = new Set([
  'function_call',
  'custom_tool_call',
  'reasoning',
  'computer_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'compaction',
  'tool_search_call',
]);

function judgeItem(item: unknown, allows: Allows): Objection | undefined {
  if (!isFields(item)) return { why: 'an item is no object' };
  const type = textOf(item.type) || (item.role === undefined ? '' : 'message');
  if (type === 'message') return judgeParts(item.content, allows);
  if (type === 'function_call_output' || type === 'custom_tool_call_output')
    return judgeParts(item.output, allows);
  // tools can be offered in the middle, too
  if (type === 'additional_tools' || type === 'tool_search_output')
    return judgeLists(item, ['tools']) ?? judgeTools(listOf(item.tools), allows);
  if (type === 'computer_call_output') return judgePart(fieldsOf(item.output), allows);
  if (type === 'item_reference') return needs(allows, 'store', 'a reference to what was kept');
  if (type === 'mcp_approval_response') return needs(allows, 'mcp', 'an approval of an MCP call');
  return PLAIN.has(type) ? undefined : { why: `the item ${type.slice(0, 64)} is not known` };
}

const object = (body: Fields, allows: Allows): Objection | undefined =>
  judgeFields(body, FIELDS, allows) ??
  judgeTier(body) ??
  judgeCounts(body, ['max_output_tokens', 'max_tool_calls']) ??
  judgeLists(body, ['tools']) ??
  judgeTools(listOf(body.tools), allows) ??
  (typeof body.input === 'string' || body.input === undefined
    ? undefined
    : Array.isArray(body.input)
      ? first(body.input, (item) => judgeItem(item, allows))
      : { why: 'input is neither text nor a list of items' });

function write(body: Fields, allows: Allows, secret: string): Fields {
  const { prompt_cache_key: key } = body;
  return {
    ...withoutFields(body, FIELDS),
    ...(typeof key === 'string' && { prompt_cache_key: cacheKey(secret, key) }),
    ...(!allows('store') && { store: false }),
  };
}

/** One item, of a request or of an answer. */
function itemParts(item: Fields): ModelPart[] {
  const type = textOf(item.type) || 'message';
  const id = textOf(item.call_id) || textOf(item.id);
  if (type === 'message') {
    const said = textOf(item.role);
    const role = said === 'assistant' || said === 'user' ? said : said === '' ? 'assistant' : 'system';
    return [{ role, type: 'text', text: contentText(item.content) }];
  }
  if (type === 'reasoning') {
    const text = [contentText(item.summary), contentText(item.content)]
      .filter((one) => one !== '')
      .join('\n');
    return text === '' ? [] : [{ role: 'assistant', type: 'reasoning', text }];
  }
  if (type.endsWith('_output'))
    return [{ role: 'tool', type: 'tool_result', text: contentText(item.output), id }];
  if (type.endsWith('_call')) {
    const given = item.arguments ?? item.input ?? item.action ?? item.operation ?? item.code ?? {};
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    return [{ role: 'assistant', type: 'tool_call', text, id, name: textOf(item.name) || type }];
  }
  return [{ role: 'assistant', type: 'other', text: `[${type}]` }];
}

const usageOf = (usage: Fields): Usage => {
  const cached = countOf(fieldsOf(usage.input_tokens_details).cached_tokens);
  const reasoning = countOf(fieldsOf(usage.output_tokens_details).reasoning_tokens);
  return {
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    ...(cached > 0 && { cached }),
    ...(reasoning > 0 && { reasoning }),
  };
};

const PIECES = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
]);

class ResponseCollector implements Collector {
  readonly #parts = new Parts();
  #whole: ModelPart[] | undefined;
  #usage: Fields | undefined;
  #finish: string | undefined;
  #ended = false;

  whole(body: unknown): void {
    const { output, usage, status, incomplete_details, error } = fieldsOf(body);
    const parts = listOf(output).flatMap((item) => itemParts(fieldsOf(item)));
    // a stream's last event may leave out what its items said
    if (parts.length > 0) this.#whole = parts;
    if (usage) this.#usage = fieldsOf(usage);
    this.#finish =
      textOf(fieldsOf(incomplete_details).reason) ||
      textOf(fieldsOf(error).code) ||
      textOf(status) ||
      undefined;
    this.#ended = true;
  }

  event({ data }: ServerEvent): void {
    const event = parseData(data);
    const type = textOf(event.type);
    if (type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed')
      this.whole(event.response);
    else if (type === 'error') {
      this.#finish = textOf(event.code) || 'error';
      this.#ended = true;
    } else if (type === 'response.output_item.done')
      for (const part of itemParts(fieldsOf(event.item)))
        this.#parts.put(`item ${numberOf(event.output_index)}`, part);
    else if (PIECES.has(type))
      this.#parts.append(`item ${numberOf(event.output_index)}`, textOf(event.delta), () => ({
        role: 'assistant',
        type: type.includes('reasoning') ? 'reasoning' : 'text',
        text: '',
      }));
  }

  get ended(): boolean {
    return this.#ended;
  }

  collected(): Collected {
    return {
      output: this.#whole ?? this.#parts.list(),
      ...addUsage(this.#usage && usageOf(this.#usage)),
      ...(this.#finish !== undefined && { finish: this.#finish }),
    };
  }
}

export const openaiResponses: Protocol = {
  api: 'responses',
  object,
  write,
  parts: ({ instructions, input }) => [
    ...(typeof instructions === 'string'
      ? [{ role: 'system', type: 'text', text: instructions } as const]
      : []),
    ...(typeof input === 'string'
      ? [{ role: 'user', type: 'text', text: input } as const]
      : listOf(input).flatMap((item) => itemParts(fieldsOf(item)))),
  ],
  tools: ({ tools, input }) =>
    toolNames([...listOf(tools), ...listOf(input).flatMap((item) => listOf(fieldsOf(item).tools))]),
  bound: ({ max_output_tokens }) => countOf(max_output_tokens) || undefined,
  withBound: (body, tokens) => ({ ...body, max_output_tokens: tokens }),
  collector: () => new ResponseCollector(),
};
