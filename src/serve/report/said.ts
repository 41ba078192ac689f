/**
 * What was said to models, tools and people, and by them: sealed in the record, and in a page only where somebody asks for it.
 *
 * @module
 */
import type { LedgerEvent, ModelPart } from '../../contract/index.ts';
import { BOUNDS, bounded, boundedLines } from './bounds.ts';

/** Parts of one turn that are shown. */
const MOST_PARTS = 60;

const partOf = (of: string, { role, type, name, text, cut }: ModelPart): readonly [string, string] => [
  bounded(`${of}: ${role} ${type}${name === undefined ? '' : ` ${name}`}`, 120),
  `${boundedLines(text, BOUNDS.said)}${cut === undefined ? '' : ` [${cut} characters were not recorded]`}`,
];

/** What it is, and its text, which only prints. */
export function saidIn(event: LedgerEvent): (readonly [what: string, text: string])[] {
  const one = (what: string, text: string | undefined): (readonly [string, string])[] =>
    text === undefined || text === '' ? [] : [[what, boundedLines(text, BOUNDS.said)]];
  if ('sealed' in event && event.sealed !== undefined) return [];
  switch (event.kind) {
    case 'model.turn': {
      const parts = [
        ...event.input.map((part) => partOf('told', part)),
        ...event.output.map((part) => partOf('answered', part)),
      ];
      const left = parts.length - MOST_PARTS;
      return left > 0 ? [...parts.slice(0, MOST_PARTS), ['', `and ${left} more parts`]] : parts;
    }
    case 'tool.call':
      return one('arguments', event.arguments);
    case 'tool.result':
      return one('result', event.content);
    case 'message':
      return [...one('subject', event.subject), ...one('text', event.text)];
    case 'judgement':
      return one('reason', event.reason);
    default:
      return [];
  }
}
