/**
 * What Chat Completions and Responses share: content parts, tools, and what a stored thing is called.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import type { ModelFeature } from '../../../contract/index.ts';
import { type Fields, fieldsOf, isFields, textOf } from '../json.ts';
import { type Allows, describeData, first, judgeAddress, needs, type Objection } from './protocol.ts';

const PLAIN = new Set([
  'text',
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
  'input_audio',
]);
const IMAGES = new Set(['image_url', 'input_image', 'computer_screenshot']);
const FILES = new Set(['file', 'input_file']);

/** Content: text, or a list of parts. */
export function judgeParts(content: unknown, allows: Allows): Objection | undefined {
  if (content === undefined || content === null || typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return { why: 'content is neither text nor a list of parts' };
  return first(content, (part) =>
    isFields(part) ? judgePart(part, allows) : { why: 'a part is no object' },
  );
}

export function judgePart(part: Fields, allows: Allows): Objection | undefined {
  const type = textOf(part.type);
  if (PLAIN.has(type)) return undefined;
  if (IMAGES.has(type)) {
    const inner = part.image_url;
    const address = isFields(inner) ? inner.url : inner;
    if (part.file_id !== undefined && part.file_id !== null)
      return needs(allows, 'files', 'an image in a file');
    return judgeAddress(address, allows, 'an image at an address');
  }
  if (FILES.has(type)) {
    const file = isFields(part.file) ? part.file : part;
    if (file.file_url !== undefined && file.file_url !== null)
      return needs(allows, 'remote-content', 'a file at an address');
    if (file.file_id !== undefined && file.file_id !== null)
      return needs(allows, 'files', 'a file of the provider’s');
    if (typeof file.file_data !== 'string') return { why: 'a file without data' };
    // data has no scheme but its own
    return /^(?!data:)[a-z][a-z0-9+.-]*:/i.test(file.file_data)
      ? needs(allows, 'remote-content', 'a file at an address')
      : undefined;
  }
  return { why: `the part ${type.slice(0, 64)} is not known` };
}

/** Text of content, for the record. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content))
    return content === undefined || content === null ? '' : JSON.stringify(content);
  return content.map((part) => partText(fieldsOf(part))).join('\n');
}

function partText(part: Fields): string {
  if (typeof part.text === 'string') return part.text;
  if (typeof part.refusal === 'string') return part.refusal;
  const inner = part.image_url;
  const address = isFields(inner) ? inner.url : inner;
  if (typeof address === 'string')
    return /^data:/i.test(address) ? describeData('image', address) : `[image at ${address}]`;
  return describeData(textOf(part.type), fieldsOf(part.file).file_data ?? part.file_data);
}

/** Tools that the client executes. */
const CLIENT_TOOLS = new Set([
  'function',
  'custom',
  'local_shell',
  'apply_patch',
  'computer',
  'computer_use_preview',
  'tool_search',
]);
const SERVER_TOOLS: Readonly<Record<string, ModelFeature>> = {
  web_search: 'web-search',
  web_search_preview: 'web-search',
  file_search: 'files',
  code_interpreter: 'code-execution',
  mcp: 'mcp',
  image_generation: 'image-generation',
};

export const judgeTools = (tools: readonly unknown[], allows: Allows): Objection | undefined =>
  first(tools, (tool): Objection | undefined => {
    const { type, environment, tools: inner } = fieldsOf(tool);
    const name = textOf(type).replace(/_\d{4}_\d\d_\d\d$/, '');
    if (name === 'namespace')
      return Array.isArray(inner)
        ? judgeTools(inner, allows)
        : { why: 'a namespace without a list of tools' };
    if (CLIENT_TOOLS.has(name)) return undefined;
    if (name === 'shell')
      return fieldsOf(environment).type === 'local'
        ? undefined
        : needs(allows, 'code-execution', 'the tool shell, in a container');
    const feature = Object.hasOwn(SERVER_TOOLS, name) ? SERVER_TOOLS[name] : undefined;
    return feature === undefined
      ? { why: `the tool ${name.slice(0, 64)} is not known` }
      : needs(allows, feature, `the tool ${name}`);
  });

export const toolNames = (tools: readonly unknown[]): string[] =>
  tools.map((tool) => {
    const { name, type, function: inner } = fieldsOf(tool);
    return textOf(name) || textOf(fieldsOf(inner).name) || textOf(type);
  });

const TIERS = new Set<unknown>(['auto', 'default', 'flex', null, undefined]);
/** Tiers that cost more than the price that is known. */
export const judgeTier = ({ service_tier }: Fields): Objection | undefined =>
  TIERS.has(service_tier) ? undefined : { why: 'the service tier is not known, or a dearer one' };

/** A cache's key, made the run's own: a shared one would tell runs of each other. */
export const cacheKey = (secret: string, key: string): string =>
  createHmac('sha256', secret).update(key).digest('hex').slice(0, 32);
