/**
 * The report for people: 80 columns, safe for a terminal. First what can happen, then what is not known, then what cannot
 * happen and on what that rests.
 *
 * @module
 */
import { HAZARDS } from '../../contract/index.ts';
import { tellBeside } from './beside.ts';
import { groupBy, wrap } from './layout.ts';
import { COVERS_NOT } from './limits.ts';
import { tellOpen } from './open.ts';
import type { Proved, Report, Unknown, Verdict } from './types.ts';
import { type Colour, type View, written } from './view.ts';

type Style = NonNullable<View['style']>;

const of = <Word extends Verdict['verdict']>(verdicts: readonly Verdict[], word: Word) =>
  verdicts.filter((each): each is Extract<Verdict, { verdict: Word }> => each.verdict === word);

/** The whole report, with a line break at its end. */
export function reportText(report: Report, view: View = {}): string {
  const style: Style = view.style ?? ((_colour, text) => text);
  const refuted = of(report.verdicts, 'REFUTED');
  const unknown = of(report.verdicts, 'UNKNOWN');
  const proved = of(report.verdicts, 'PROVED');
  const heading = (colour: Colour, word: string, text: string) => `${style(colour, word)}: ${text}`;
  const lines = [
    ...wrap(`${view.file ?? report.contract}: what an agent could do inside it`, '').map((line) =>
      style('bold', line),
    ),
    '',
    ...count('can happen', refuted, 'red', style),
    ...count('not known', unknown, 'yellow', style),
    ...count('cannot happen', proved, 'green', style),
    '',
    ...wrap(
      'Nothing was run: this follows from the file, the rules of a model, and a catalogue of what is known to lead further.',
      '',
    ),
    '',
  ];
  if (refuted.length > 0) {
    lines.push(
      heading('red', 'REFUTED', 'these can happen, by these steps'),
      'To see a path, type the line after $ where the agent would be:',
      ...wrap(view.shell ?? 'a shell in that sandbox', '  '),
      '',
      ...tellOpen(refuted, view),
    );
  }
  if (unknown.length > 0)
    lines.push(
      heading('yellow', 'UNKNOWN', 'no rule of the model decides about these'),
      '',
      ...tellUnknown(unknown, view),
    );
  if (proved.length > 0)
    lines.push(heading('green', 'PROVED', 'in the model these cannot happen'), '', ...tellProved(proved));
  lines.push(
    ...tellBeside(report, view),
    'No proof covers',
    ...COVERS_NOT.flatMap((text) => wrap(text, '  - ', '    ')),
    '',
    ...wrap(`${basis(report)} More of a hazard, rule or entry: ringfence explain NAME`, ''),
  );
  return `${lines.join('\n')}\n`;
}

function count(title: string, verdicts: readonly Verdict[], colour: Colour, style: Style): string[] {
  const head = `  ${title.padEnd(13)} ${String(verdicts.length).padStart(2)}  `;
  const names = verdicts.map(({ hazard }) => hazard).join(', ');
  const [first = '', ...more] = wrap(names, head, ' '.repeat(head.length));
  return [style(colour, head.trimEnd()) + first.slice(head.trimEnd().length), ...more].map((line) =>
    line.trimEnd(),
  );
}

const meaning = ({ hazard }: Verdict): string[] => wrap(`${hazard}: ${HAZARDS[hazard]}`, '  ', '      ');

function tellUnknown(unknown: readonly Unknown[], view: View): string[] {
  return groupBy(unknown, ({ reasons }) => JSON.stringify(reasons)).flatMap((group) => [
    ...group.flatMap(meaning),
    ...(group[0]?.reasons ?? []).flatMap(({ text, by }) => {
      const where = by.map((clause) => written(clause, view));
      return wrap(where.length > 0 ? `${text} (${where.join(', ')})` : text, '    - ', '      ');
    }),
    '',
  ]);
}

function tellProved(proved: readonly Proved[]): string[] {
  return groupBy(proved, ({ rests }) => JSON.stringify(rests)).flatMap((group) => {
    const rests = group[0]?.rests ?? [];
    return [
      ...group.flatMap(meaning),
      ...(rests.length > 0 ? ['    resting on'] : ['    resting on nothing but the contract']),
      ...rests.flatMap(({ text }) => wrap(text, '    - ', '      ')),
      '',
    ];
  });
}

function basis({ model, certified }: Report): string {
  if (certified === undefined) return `Model ${model}.`;
  return `Model ${model}; what is proved has a certificate of ${certified} facts, which the separate checker accepts.`;
}
