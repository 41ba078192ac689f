/**
 * Which events are acts that a judge is asked about, and what it is shown of them.
 *
 * @module
 */
import type { Context, JudgedAct, LedgerEvent, ModelPart } from '../../contract/index.ts';
import type { ChangedText } from '../analyse/index.ts';
import { isDeclared } from '../observe/index.ts';
import type { Json } from './bound.ts';

export interface Act {
  of: JudgedAct;
  /** numbers of the events that show it */
  about: number[];
  what: Json & object;
  context?: Context | undefined;
}

/** Calls that are remembered, so that none is judged twice; older ones might be. */
const REMEMBERED = 16_384;
/** Unchanged lines around what was changed. */
const AROUND = 3;

/** Finds acts in a run's events, each once: what is held first and delivered then is one. */
export class Acts {
  readonly #known = new Set<string>();

  /** What was refused did not happen, and is no act. */
  of(event: LedgerEvent): Act | undefined {
    const { seq, context } = event;
    const act = (of: JudgedAct, what: Json & object): Act => ({ of, about: [seq], what, context });
    switch (event.kind) {
      case 'message': {
        const { call, channel, to, subject = '', text, state } = event;
        if (state === 'refused' || this.#isKnown('message', call)) return undefined;
        return act('messages', { channel, to, subject, text });
      }
      case 'tool.call': {
        const { call, server = '', tool, decision } = event;
        // who declares calls would spend the judge’s budget, and show it what it likes
        if (decision === 'denied' || isDeclared(event) || this.#isKnown('tool', call)) return undefined;
        return act('tool-calls', { server, tool, arguments: event.arguments });
      }
      case 'model.turn':
        if (!event.allowed || event.output.length === 0) return undefined;
        return act('turns', { answered: event.output.map(partOf), told: event.input.map(partOf) });
      default:
        return undefined;
    }
  }

  #isKnown(kind: string, call: string): boolean {
    const key = JSON.stringify([kind, call]);
    if (this.#known.has(key)) return true;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.add(key);
    return false;
  }
}

const partOf = ({ role, type, text, name }: ModelPart): Json => ({
  role,
  type,
  text,
  ...(name !== undefined && { name }),
});

/** What a run left, as one act; undefined where it changed no text. No event shows it: the change set does. */
export function changesAct(changes: readonly ChangedText[]): Act | undefined {
  if (changes.length === 0) return undefined;
  const files = changes.map(({ path, before, after }): Json => {
    if (before === undefined) return { path, added: after ?? '' };
    if (after === undefined) return { path, deleted: before };
    return { path, ...changedPart(before.split('\n'), after.split('\n')) };
  });
  return { of: 'changes', about: [], what: { files } };
}

/** From the first line that differs to the last one. */
function changedPart(
  before: readonly string[],
  after: readonly string[],
): { line: number; before: string; after: string } {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first += 1;
  let last = 0;
  while (last < shorter - first && before.at(-1 - last) === after.at(-1 - last)) last += 1;
  const from = Math.max(0, first - AROUND);
  const part = (lines: readonly string[]) =>
    lines.slice(from, Math.min(lines.length, lines.length - last + AROUND)).join('\n');
  return { line: from + 1, before: part(before), after: part(after) };
}
