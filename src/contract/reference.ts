/**
 * The contract's reference page, generated from its schema so that the two cannot differ.
 *
 * @module
 */
import { HAZARDS } from './hazards.ts';
import { contractJsonSchema } from './json-schema.ts';

interface Node {
  type?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Node[];
  items?: Node;
  properties?: Record<string, Node>;
  additionalProperties?: boolean | Node;
  required?: string[];
}

const code = (value: unknown): string =>
  `\`${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|')}\``;

/** What may be written for a field, in words. */
function describeType(node: Node): string {
  if (node.const !== undefined) return code(node.const);
  if (node.enum !== undefined)
    return node.enum.length === Object.keys(HAZARDS).length
      ? 'a [hazard](#hazards)'
      : node.enum.map(code).join(', ');
  // a quantity is text with a unit or a bare number; its examples say more than its types
  if (node.anyOf !== undefined && node.examples !== undefined)
    return `quantity, such as ${node.examples.map(code).join(', ')}`;
  if (node.anyOf !== undefined) return node.anyOf.map(describeType).join(' or ');
  switch (node.type) {
    case 'array':
      return node.items?.properties
        ? 'list of mappings'
        : `list of ${node.items ? plural(describeType(node.items)) : 'values'}`;
    case 'object':
      if (node.properties) return `mapping: ${Object.keys(node.properties).map(code).join(', ')}`;
      return 'mapping of names to values';
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'number':
      return 'number';
    case 'boolean':
      return '`true` or `false`';
    default:
      return 'any value';
  }
}

const plural = (words: string): string =>
  words === 'text' ? 'texts' : words === 'any value' ? 'values' : words;

function describeDefault(node: Node, required: boolean): string {
  if (required) return 'required';
  if (node.default === undefined) return 'absent';
  const text = JSON.stringify(node.default);
  // the only long default is the list of every hazard
  return text.length > 60 ? 'all' : code(node.default);
}

/** Rows for a field and those below it: those of the long form when it has one. */
function rows(name: string, node: Node, required: boolean): string[] {
  const value = describeType(node);
  const own = `| ${code(name)} | ${value} | ${describeDefault(node, required)} | ${(node.description ?? '').replaceAll('|', '\\|')} |`;
  const inner = [node, ...(node.anyOf ?? [])].flatMap((branch) => {
    const object = branch.items?.properties ? branch.items : branch;
    const prefix = branch.items?.properties ? `${name}[]` : name;
    return Object.entries(object.properties ?? {}).flatMap(([key, child]) =>
      rows(`${prefix}.${key}`, child, object.required?.includes(key) ?? false),
    );
  });
  return [own, ...inner];
}

/** The text of `docs/reference/contract.md`: Markdown, ending with a newline. */
export function contractReference(): string {
  const schema = contractJsonSchema('2020-12') as Node;
  const lines = [
    '# The contract, field by field',
    '',
    'Generated from the schema; do not edit. A contract is one YAML file, usually `ringfence.yaml`. Two lines are enough:',
    '',
    '```yaml',
    'ringfence: 1',
    'name: my-contract',
    '```',
    '',
    'Everything else has a default, and the defaults are the safe choice. Unknown keys are errors, and so is anything that',
    'this version cannot enforce. Contracts use plain YAML: no anchors, aliases, tags or second documents; values that start',
    'with `*`, `&` or `!` stand in quotes.',
    '',
    '## Units',
    '',
    '| what | written as | a bare number is |',
    '| --- | --- | --- |',
    '| size | `64KiB`, `4GiB` (powers of 1024), `500MB` (powers of 1000) | bytes |',
    '| duration | `250ms`, `90s`, `30m`, `2h`, `1d` | seconds |',
    '| count | `256`, `10k`, `2M` (powers of 1000) | itself |',
    '',
    'A limit of `compute` is `VALUE` or `{ max: VALUE, hard: true }`.',
  ];
  for (const [name, node] of Object.entries(schema.properties ?? {})) {
    lines.push('', `## ${name}`, '', '| field | value | default | meaning |', '| --- | --- | --- | --- |');
    lines.push(...rows(name, node, schema.required?.includes(name) ?? false));
  }
  lines.push('', '## Hazards', '', 'The words of `never`.', '', '| hazard | meaning |', '| --- | --- |');
  for (const [hazard, meaning] of Object.entries(HAZARDS)) lines.push(`| \`${hazard}\` | ${meaning} |`);
  return `${lines.join('\n')}\n`;
}
