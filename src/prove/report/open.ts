/**
 * The paths of a report, for people. Hazards that one change closes are told together, each step once.
 *
 * @module
 */
import { HAZARDS } from '../../contract/index.ts';
import { commandLine, groupBy, listed, wrap } from './layout.ts';
import type { Refuted, Step } from './types.ts';
import { type View, written } from './view.ts';

/** Lines about what can happen; what no change closes comes last. */
export function tellOpen(refuted: readonly Refuted[], view: View): string[] {
  const groups = groupBy(refuted, ({ closed }) => JSON.stringify(closed?.changes ?? []));
  const canBeClosed = ([first]: readonly Refuted[]) => (first?.closed === undefined ? 1 : 0);
  return groups
    .toSorted((one, other) => canBeClosed(one) - canBeClosed(other))
    .flatMap((group) => tellGroup(group, view));
}

function tellGroup(group: readonly Refuted[], view: View): string[] {
  const style = view.style ?? ((_colour, text) => text);
  const names = group.map(({ hazard }) => hazard);
  const [title = '', ...more] = wrap(listed(names), '  ');
  const lines = [style('bold', title), ...more];
  /** What was told of earlier hazards of the group → its number. */
  const told = new Map<string, number>();
  for (const { hazard, steps, command, replay } of group) {
    const numbers = new Map<number, number>();
    for (const step of steps.slice(0, -1)) {
      const key = JSON.stringify([step.text, step.by]);
      const known = told.get(key);
      const number = known ?? told.size + 1;
      numbers.set(step.number, number);
      if (known !== undefined) continue;
      told.set(key, number);
      lines.push(...tellStep(step, number, numbers, view));
    }
    const [reached = '', ...more] = wrap(`${hazard}: ${HAZARDS[hazard]}`, '  => ', '     ');
    lines.push(style('bold', reached), ...more);
    const last = steps.at(-1);
    if (last) lines.push(...wrap(`${last.why ?? last.text} (${basis(last, numbers)})`, '     '));
    if (command !== undefined) lines.push(commandLine(command));
    if (replay !== undefined) lines.push(...wrap(`replayed: ${replay.replayed}, ${replay.why}`, '      '));
  }
  lines.push('', ...wrap(`${closing(group)}`, '  ', '     '));
  for (const cost of group[0]?.closed?.costs ?? []) lines.push(...wrap(`It costs: ${cost}.`, '     '));
  lines.push('');
  return lines;
}

function tellStep(step: Step, number: number, numbers: ReadonlyMap<number, number>, view: View): string[] {
  const head = `  ${String(number).padStart(2)} `;
  if (step.kind !== 'clause') {
    const text = step.why === undefined ? step.text : `so ${step.text}: ${step.why}`;
    return wrap(`${text} (${basis(step, numbers)})`, head, '     ');
  }
  const style = view.style ?? ((_colour, text) => text);
  const where = wrap(written(step.by, view), '       ').map((line) => style('dim', line));
  return [...wrap(step.text, head, '     '), ...where];
}

/** Where a step comes from that no line of the file says. */
function basis({ kind, by, from }: Step, numbers: ReadonlyMap<number, number>): string {
  if (kind === 'model') return 'so in every run';
  if (from.length === 0) return by;
  return `from ${listed(from.map((number) => String(numbers.get(number) ?? number)))} by ${by}`;
}

function closing(group: readonly Refuted[]): string {
  const closed = group[0]?.closed;
  if (closed === undefined) return `No change of the file closes ${group.length > 1 ? 'these' : 'it'}.`;
  const leaves = groupBy(group, (each) => each.closed?.leaves ?? '').map((part) => {
    const names =
      part.length === group.length && part.length > 1 ? 'all' : listed(part.map(({ hazard }) => hazard));
    return `${names} ${part.length > 1 ? 'are' : 'is'} ${part[0]?.closed?.leaves}`;
  });
  const isMinimal = group.every((each) => each.closed?.minimal);
  return `${isMinimal ? 'Smallest change' : 'A change'} that closes ${group.length > 1 ? 'them' : 'it'}: ${closed.changes.join('; ')}. Then ${listed(leaves)}.`;
}
