/**
 * Requests of Anthropic's Messages API: fields, blocks and tools, as its reference has them.
 *
 * @module
 */
import type { ModelFeature, ModelPart } from '../../../contract/index.ts';
import { countOf, type Fields, fieldsOf, isFields, listOf, textOf } from '../json.ts';
import {
  type Allows,
  describeData,
  first,
  judgeFields,
  judgeLists,
  meanings,
  needs,
  type Objection,
  withoutFields,
} from './protocol.ts';

const FIELDS = meanings({
  known:
    'model messages max_tokens system stop_sequences stream temperature top_k top_p tools tool_choice thinking service_tier context_management output_config output_format cache_control',
  dropped: 'metadata',
  'code-execution': 'container',
  mcp: 'mcp_servers',
});

/** Tools that the client itself executes; the provider only knows their shape. */
const CLIENT_TOOL = /^(custom|(bash|text_editor|computer|memory)_\d{8})$/;
/** Tools that the provider executes: which feature each is; searching the given tools reaches nothing. */
const SERVER_TOOLS: readonly (readonly [RegExp, ModelFeature | 'harmless'])[] = [
  [/^web_search_\d{8}$/, 'web-search'],
  [/^web_fetch_\d{8}$/, 'web-fetch'],
  [/^code_execution_\d{8}$/, 'code-execution'],
  [/^mcp_toolset$/, 'mcp'],
  [/^tool_search_tool_(bm25|regex)(_\d{8})?$/, 'harmless'],
];
/** Blocks with nothing in them that is loaded from elsewhere; those of server tools repeat what was answered. */
const PLAIN =
  /^(text|tool_use|thinking|redacted_thinking|tool_reference|compaction|server_tool_use|mcp_tool_use|mcp_tool_result|(web_search|web_fetch|code_execution|bash_code_execution|text_editor_code_execution|tool_search_tool)_tool_result)$/;
const DEEPEST = 8;

export function objectToMessages(body: Fields, allows: Allows, counting: boolean): Objection | undefined {
  const fields = judgeFields(body, FIELDS, allows);
  if (fields) return fields;
  if (!counting && countOf(body.max_tokens) === 0) return { why: 'max_tokens is no count' };
  const tier = body.service_tier ?? 'auto';
  if (tier !== 'auto' && tier !== 'standard_only') return { why: 'the service tier is not known' };
  return (
    judgeLists(body, ['tools', 'messages']) ??
    judgeTools(listOf(body.tools), allows) ??
    judgeContent(body.system, allows, 0) ??
    first(listOf(body.messages), (message) => judgeContent(fieldsOf(message).content, allows, 0))
  );
}

const judgeTools = (tools: readonly unknown[], allows: Allows): Objection | undefined =>
  first(tools, (tool) => {
    const type = fieldsOf(tool).type ?? 'custom';
    if (typeof type !== 'string') return { why: 'a tool’s type is no text' };
    if (CLIENT_TOOL.test(type)) return undefined;
    const feature = SERVER_TOOLS.find(([pattern]) => pattern.test(type))?.[1];
    if (feature === 'harmless') return undefined;
    return feature === undefined
      ? { why: `the tool ${type.slice(0, 64)} is not known` }
      : needs(allows, feature, `the tool ${type}`);
  });

function judgeContent(content: unknown, allows: Allows, depth: number): Objection | undefined {
  if (content === undefined || content === null || typeof content === 'string') return undefined;
  if (!Array.isArray(content) || depth > DEEPEST)
    return { why: 'content is neither text nor a list of blocks' };
  return first(content, (block) => {
    if (!isFields(block)) return { why: 'a block is no object' };
    const type = textOf(block.type);
    if (PLAIN.test(type)) return type.endsWith('_result') ? judgeWithin(block, allows, depth) : undefined;
    if (type === 'tool_result' || type === 'search_result')
      return judgeContent(block.content, allows, depth + 1);
    if (type === 'image' || type === 'document') return judgeSource(block.source, allows, depth);
    if (type === 'container_upload') return needs(allows, 'files', 'the block container_upload');
    return { why: `the block ${type.slice(0, 64)} is not known` };
  });
}

/** What a server's tool answered comes back as it was; a source that somebody put into it is one all the same. */
function judgeWithin(value: unknown, allows: Allows, depth: number): Objection | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > 4 * DEEPEST) return { why: 'a result nests too deep' };
  return first(Object.entries(value), ([name, inner]) =>
    name === 'source' && isFields(inner)
      ? judgeSource(inner, allows, depth)
      : judgeWithin(inner, allows, depth + 1),
  );
}

function judgeSource(source: unknown, allows: Allows, depth: number): Objection | undefined {
  const { type, content } = fieldsOf(source);
  if (type === 'base64' || type === 'text') return undefined;
  if (type === 'url') return needs(allows, 'remote-content', 'a source with an address');
  if (type === 'file') return needs(allows, 'files', 'a source in a file of the provider’s');
  if (type === 'content') return judgeContent(content, allows, depth + 1);
  return { why: 'a source is of no known kind' };
}

export const writeMessages = (body: Fields): Fields => withoutFields(body, FIELDS);

export const messagesTools = (body: Fields): string[] =>
  listOf(body.tools).map((tool) => textOf(fieldsOf(tool).name) || textOf(fieldsOf(tool).type));

export function messagesParts(body: Fields): ModelPart[] {
  const parts = partsOf('system', body.system);
  for (const message of listOf(body.messages)) {
    const { role, content } = fieldsOf(message);
    parts.push(
      ...partsOf(role === 'assistant' ? 'assistant' : role === 'system' ? 'system' : 'user', content),
    );
  }
  return parts;
}

function partsOf(role: ModelPart['role'], content: unknown): ModelPart[] {
  if (typeof content === 'string') return [{ role, type: 'text', text: content }];
  return listOf(content).map((block) => partOf(role, fieldsOf(block)));
}

/** One block, of a request or of an answer. */
export function partOf(role: ModelPart['role'], block: Fields): ModelPart {
  const type = textOf(block.type);
  if (type === 'text') return { role, type: 'text', text: textOf(block.text) };
  if (type === 'thinking') return { role, type: 'reasoning', text: textOf(block.thinking) };
  if (type === 'redacted_thinking')
    return { role, type: 'reasoning', text: describeData('redacted by the provider', block.data) };
  if (type === 'tool_use' || type === 'server_tool_use' || type === 'mcp_tool_use')
    return {
      role,
      type: 'tool_call',
      text: JSON.stringify(block.input ?? {}),
      id: textOf(block.id),
      name: textOf(block.name),
    };
  if (type.endsWith('tool_result'))
    return {
      role: 'tool',
      type: 'tool_result',
      text: resultText(block.content),
      id: textOf(block.tool_use_id),
    };
  return { role, type: 'other', text: dataText(type, block) };
}

function resultText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return content === undefined ? '' : JSON.stringify(content);
  return content.map((block) => partOf('tool', fieldsOf(block)).text).join('\n');
}

function dataText(type: string, block: Fields): string {
  const { data, media_type, url, file_id } = fieldsOf(block.source);
  if (typeof url === 'string') return `[${type} at ${url}]`;
  if (typeof file_id === 'string') return `[${type} in ${file_id}]`;
  return describeData(`${type} ${textOf(media_type)}`.trim(), data);
}
