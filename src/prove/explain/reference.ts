/**
 * The page of hazards and rules, generated so that it cannot differ from what is proved.
 *
 * @module
 */
import { HAZARD_NAMES } from '../../contract/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import type { HornRule } from '../logic/index.ts';
import { RULES } from '../model/index.ts';
import { COVERS_NOT } from '../report/index.ts';
import { hazardTopic, literalText } from './topics.ts';

const code = (text: string): string => `\`${text}\``;
/** Text as it is, whatever Markdown makes of its characters. */
const plain = (text: string): string => text.replace(/[*_<>|[\]`\\]/g, '\\$&');

/** The text of `docs/reference/hazards-and-rules.md`: Markdown, ending with a newline. */
export function rulesReference(catalogue: Catalogue): string {
  const lines = [
    '# Hazards and rules',
    '',
    'Generated from the model’s rules; do not edit. `ringfence explain NAME` prints the same for one hazard, rule or entry of the',
    '[catalogue](affordances.md). [How to read a report](../how-to/prove.md).',
    '',
    'No proof covers:',
    '',
    ...COVERS_NOT.map((text) => `- ${plain(text)}`),
    '',
  ];
  for (const name of HAZARD_NAMES) {
    const { meaning, about, rules, unknown, affordances, closes, coversNot } = hazardTopic(name, catalogue);
    const ids = (of: readonly HornRule[]) =>
      of.map(({ id }) => `[${code(id)}](#${id.replaceAll('.', '')})`).join(', ');
    lines.push(
      `## ${name}`,
      '',
      `*${plain(meaning)}.* ${plain(about)}`,
      '',
      `- can happen by ${rules.length > 0 ? ids(rules) : 'no rule'}`,
      ...(unknown.length > 0 ? [`- nothing is known of it by ${ids(unknown)}`] : []),
      `- entries of the catalogue that lead towards it: ${affordances.length}`,
      ...closes.map((text) => `- closed by: ${plain(text)}`),
      `- a proof does not cover: ${plain(coversNot[0] ?? '')}`,
      '',
    );
  }
  lines.push('## Rules', '');
  for (const { id, text, body, head, source } of RULES)
    lines.push(
      `### ${id}`,
      '',
      plain(text),
      '',
      `${body.length > 0 ? `If ${body.map((literal) => code(literalText(literal))).join(', ')}` : 'Always'}, then ${code(literalText(head))}. Source: ${plain(source)}.`,
      '',
    );
  return `${lines.join('\n').trimEnd()}\n`;
}
