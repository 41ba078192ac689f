/**
 * The report for people: 80 columns, safe for a terminal.
 *
 * @module
 */
import { HAZARDS } from '../../contract/index.ts';
import { COVERS_NOT } from './limits.ts';
import type { Report, Verdict } from './types.ts';

const WIDTH = 80;

/** Characters that do not print, turn the line, or hide: shown by their number. */
const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );

/** Text wrapped at spaces; lines after the first are indented by `hang`. Longer words are cut, since a path may be long. */
function wrap(text: string, indent: string, hang: string = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const word of printable(text).split(' ')) {
    let rest = [...word];
    if (!isEmpty && [...line].length + 1 + rest.length > WIDTH) {
      lines.push(line);
      line = hang;
      isEmpty = true;
    }
    line += isEmpty ? '' : ' ';
    for (let room = WIDTH - [...line].length; rest.length > room; room = WIDTH - hang.length) {
      lines.push(line + rest.slice(0, room).join(''));
      rest = rest.slice(room);
      line = hang;
    }
    line += rest.join('');
    isEmpty = false;
  }
  return [...lines, line];
}

/** A command stays on one line, whatever its length: it is there to be copied. */
const commandLine = (command: string): string => `      $ ${printable(command)}`;

function describe(verdict: Verdict): string[] {
  const head = `${verdict.verdict.padEnd(8)} ${verdict.hazard}`;
  const lines = [head, ...wrap(HAZARDS[verdict.hazard], '  ')];
  switch (verdict.verdict) {
    case 'PROVED':
      if (verdict.rests.length > 0) lines.push('  resting on');
      return [...lines, ...verdict.rests.flatMap(({ text }) => wrap(text, '    - ', '      '))];
    case 'UNKNOWN':
      return [
        ...lines,
        ...verdict.reasons.flatMap(({ text, by }) =>
          wrap(by.length > 0 ? `${text} (${by.join(', ')})` : text, '    - ', '      '),
        ),
      ];
    case 'REFUTED': {
      for (const { number, text, by, from } of verdict.steps) {
        const used = from.length > 0 ? `, from ${from.join(' and ')}` : '';
        lines.push(...wrap(`${text} [${by}${used}]`, `  ${String(number).padStart(2)}. `, '      '));
      }
      if (verdict.command !== undefined) lines.push('  in the cell:', commandLine(verdict.command));
      const { closed } = verdict;
      if (closed === undefined) return [...lines, '  No change of this contract closes it.'];
      const what = `${closed.minimal ? 'smallest change' : 'a change'} that closes it (then ${closed.leaves}): `;
      return [...lines, ...wrap(`${what}${closed.changes.join('; ')}`, '  ', '      ')];
    }
  }
}

/** The whole report, with a line break at its end. */
export function reportText({ contract, model, verdicts, proof }: Report): string {
  const count = (word: Verdict['verdict']) => verdicts.filter(({ verdict }) => verdict === word).length;
  const lines = [
    ...wrap(
      `${contract}: ${count('PROVED')} proved, ${count('REFUTED')} refuted, ${count('UNKNOWN')} unknown (model ${model})`,
      '',
    ),
    '',
    ...verdicts.flatMap((verdict) => [...describe(verdict), '']),
    ...(proof
      ? [
          ...wrap(
            `What is proved has a certificate of ${proof.certificate.facts.length} facts, which the separate checker accepts.`,
            '',
          ),
          '',
        ]
      : []),
    'No proof covers',
    ...COVERS_NOT.flatMap((text) => wrap(text, '  - ', '    ')),
  ];
  return `${lines.join('\n')}\n`;
}
