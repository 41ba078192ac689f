/**
 * A safety case for a terminal: the verdict, what to do, a line for each hazard, then each argument.
 *
 * @module
 */
import {
  acceptLines,
  attemptOf,
  type CaseDiff,
  type CaseStep,
  commandsOf,
  type HazardCase,
  type Link,
  problemsOf,
  redGroups,
  type SafetyCase,
  type Standing,
  toldTogether,
} from '../../evidence/case/index.ts';
import { wrapText } from '../evidence/wrap.ts';
import type { Style } from '../terminal.ts';
import { commandLine, safe, shorten } from '../text.ts';

export interface View {
  readonly width: number;
  readonly style: (style: Style, text: string) => string;
}

const COLOUR: Readonly<Record<Standing, Style>> = {
  proved: 'green',
  watched: 'green',
  accepted: 'yellow',
  unsupported: 'red',
};
const VERDICT: Readonly<Record<SafetyCase['verdict'], Style>> = {
  supported: 'green',
  'not supported': 'red',
  damaged: 'red',
};
const STEP: Readonly<Record<CaseStep['kind'], string>> = {
  model: 'model',
  layers: 'layers',
  effective: 'effective',
  tried: 'tried',
  accepted: 'accepted',
};

const isRed = ({ problems }: HazardCase): boolean => problems.length > 0;

/** `8 proved, 2 watched, 3 accepted, 1 unsupported; 2 are red` */
export function countWords({ hazards }: SafetyCase): string {
  const words = (['proved', 'watched', 'accepted', 'unsupported'] as const).flatMap((standing) => {
    const count = hazards.filter((one) => one.standing === standing).length;
    return count === 0 ? [] : [`${count} ${standing}`];
  });
  const red = hazards.filter(isRed).length;
  return `${words.join(', ')}${red === 0 ? '' : `; ${red} of ${hazards.length} hazards ${red === 1 ? 'is' : 'are'} red`}`;
}

export const shellLine = (command: readonly string[]): string => commandLine(['ringfence', ...command]);

/** What is red, each with what mends it. */
function redLines(value: SafetyCase, { width, style }: View): string[] {
  const problems = problemsOf(value);
  const damaged = value.damaged.flatMap(({ file, why }) => [
    ...wrapText(safe(`${file} does not count: ${why}`), width, '    ', '  ✗ '),
    `    $ ${commandLine(['rm', '-r', file])}    # when you know what happened to it`,
  ]);
  if (problems.length === 0 && damaged.length === 0) return [];
  const links = new Map(value.links.map((link) => [link.id, link]));
  const lines = redGroups(value).flatMap(({ reds, command }) => [
    ...toldTogether(reds, links).flatMap(({ text }) => wrapText(safe(text), width, '    ', '  ✗ ')),
    ...(command ? [`    $ ${shellLine(command)}`] : []),
    ...reds.flatMap((red) => acceptLines(value, red)).map((line) => `      ${line}`),
  ]);
  const all = shellLine(['case', '--refresh', value.contract.file]);
  const refresh = commandsOf(problems).length > 1 ? ['', `  All of these commands: ${all}`] : [];
  return [style('bold', 'What is red, and what makes it green'), ...damaged, ...lines, ...refresh, ''];
}

function triedWords({ totals, tried }: HazardCase): string {
  const { runs, effects, effectsAtMost } = totals;
  if (runs === 0 || effectsAtMost === undefined)
    return tried.some(({ state }) => state === 'stale') ? 'what was tried is stale' : 'not tried';
  return `tried ${runs}×, ${effects} effect${effects === 1 ? '' : 's'} (≤ ${Math.ceil(effectsAtMost * 100)} % at 95 %)`;
}

const mark = (hazard: HazardCase): string =>
  isRed(hazard) ? '✗' : hazard.standing === 'accepted' ? '!' : '✓';

/** Why it stands as it does, in a few words. */
function reasonWords(hazard: HazardCase, links: ReadonlyMap<string, Link>): string {
  const { standing, problems, accepted, totals } = hazard;
  if (problems.length > 0) {
    const open = problems.flatMap(({ link, text }) => (link === undefined ? [text.split(':')[0] ?? ''] : []));
    const lacking = (['missing', 'stale'] as const).flatMap((state) => {
      const of = problems.filter(({ link = '' }) => links.get(link)?.state === state);
      const attempts = of.filter((one) => attemptOf(one) !== undefined).length;
      const names = [
        ...of.flatMap(({ link = '', ...one }) => (attemptOf({ link, ...one }) === undefined ? [link] : [])),
        ...(attempts === 0 ? [] : [attempts === 1 ? '1 attempt' : `${attempts} attempts`]),
      ];
      return names.length === 0 ? [] : [`${state}: ${names.join(', ')}`];
    });
    return [...open, ...lacking].join('; ');
  }
  switch (standing) {
    case 'proved':
      return `not possible in the model; ${triedWords(hazard)}`;
    case 'watched':
      return `${triedWords(hazard)}, ${totals.seen} seen`;
    case 'accepted':
      return `“${accepted?.reason ?? ''}”; ${triedWords(hazard)}`;
    case 'unsupported':
      return '';
  }
}

function row(hazard: HazardCase, links: ReadonlyMap<string, Link>, { width, style }: View): string[] {
  const colour = isRed(hazard) ? 'red' : COLOUR[hazard.standing];
  const head = `  ${mark(hazard)} ${hazard.hazard.padEnd(21)}`;
  const reason = safe(reasonWords(hazard, links));
  const standing = hazard.standing.padEnd(11);
  if (width < 72)
    return [style(colour, `${head}${hazard.standing}`), ...wrapText(shorten(reason, 200), width, '      ')];
  const before = `${head} ${standing} `;
  const [first = '', ...others] = wrapText(shorten(reason, 200), width - before.length);
  return [
    `${style(colour, before.trimEnd().padEnd(before.length))}${first}`,
    ...others.map((line) => `${' '.repeat(before.length)}${line}`),
  ];
}

/** `label` in a column of its own, where there is room. */
function labelled(label: string, text: string, width: number): string[] {
  const column = width < 60 ? 4 : 13;
  const first = width < 60 ? `  ${label}: ` : `  ${label}`.padEnd(column);
  return wrapText(safe(text), width, ' '.repeat(column), first);
}

const detail = (text: string, width: number): string[] => {
  const indent = width < 60 ? 4 : 13;
  return wrapText(safe(text), width, ' '.repeat(indent + 2), `${' '.repeat(indent)}- `);
};

/** What was never tried, together; anything else by itself. */
function gapWords({ gaps }: HazardCase): string[] {
  const attempts = gaps.flatMap((gap) => attemptOf(gap) ?? []);
  return [
    ...(attempts.length === 0 ? [] : [`never tried here: ${attempts.join(', ')}`]),
    ...gaps.flatMap((gap) => (attemptOf(gap) === undefined ? [gap.text] : [])),
  ];
}

/** Claims by what is known of them, each status once. */
function claimWords({ claims }: HazardCase): string[] {
  const groups = new Map<string, string[]>();
  for (const { id, status, coverage } of claims) {
    const known = `${status}; ${coverage}`;
    groups.set(known, [...(groups.get(known) ?? []), id]);
  }
  return [...groups].map(([known, ids]) => `${ids.join(', ')}: ${known}`);
}

function argument(hazard: HazardCase, { width, style }: View): string[] {
  const colour = isRed(hazard) ? 'red' : COLOUR[hazard.standing];
  return [
    `${style('bold', hazard.hazard)}: ${style(colour, hazard.standing)}`,
    ...wrapText(hazard.goal, width, '  '),
    ...hazard.argument.flatMap(({ kind, text, details }) => [
      ...labelled(STEP[kind], text, width),
      ...details.flatMap((one) => detail(one, width)),
    ]),
    ...hazard.residual.flatMap((text, index) =>
      index === 0 ? labelled('left', text, width) : labelled('', text, width),
    ),
    ...gapWords(hazard).flatMap((text, index) => labelled(index === 0 ? 'unknown' : '', text, width)),
    ...commandsOf(hazard.gaps).map((command) => `${' '.repeat(width < 60 ? 4 : 13)}$ ${shellLine(command)}`),
    ...claimWords(hazard).flatMap((text, index) => labelled(index === 0 ? 'claims' : '', text, width)),
    '',
  ];
}

function head(value: SafetyCase, { width, style }: View): string[] {
  const { contract, made, ringfence, verdict, hazards } = value;
  const isBorne = verdict === 'supported' && hazards.some(({ standing }) => standing === 'accepted');
  return [
    ...wrapText(`${verdict.toUpperCase()}: ${countWords(value)}`, width, '  ', '').map((line) =>
      style(isBorne ? 'yellow' : VERDICT[verdict], line),
    ),
    ...wrapText(
      `Safety case of ${safe(contract.name)} (${safe(contract.file)}, ${contract.sha256.slice(0, 12)}) on ${made.slice(0, 16).replace('T', ' ')} UTC, by Ringfence ${ringfence}`,
      width,
      '  ',
      '',
    ),
    '',
  ];
}

/** The verdict and what is red: where the rest stands on a page. */
export const summaryText = (value: SafetyCase, view: View): string =>
  [...head(value, view), ...redLines(value, view)].join('\n').trimEnd();

/** What is printed beside verdict and what is red. */
export interface Wanted {
  /** arguments of these hazards alone; of none: not given */
  readonly hazards?: readonly string[] | undefined;
  /** all arguments, evidence and what it rests on */
  readonly full: boolean;
}

function everything(value: SafetyCase, view: View): string[] {
  const { width, style } = view;
  return [
    ...value.hazards.flatMap((hazard) => argument(hazard, view)),
    style('bold', 'Evidence'),
    ...value.links
      .filter(({ state }) => state !== 'missing')
      .flatMap(({ title, state, made = '', sha256 = '' }) =>
        wrapText(
          `${title}: ${state}, ${made.slice(0, 16).replace('T', ' ')}, ${sha256.slice(0, 16)}`,
          width,
          '    ',
          '  ',
        ),
      ),
    '',
    style('bold', 'All of it rests on'),
    ...value.rests.flatMap(({ text }) => wrapText(safe(text), width, '    ', '  - ')),
    '',
    style('bold', 'No proof covers'),
    ...value.coversNot.flatMap((text) => wrapText(safe(text), width, '    ', '  - ')),
  ];
}

export function caseText(value: SafetyCase, view: View, { hazards, full }: Wanted): string {
  const wanted = value.hazards.filter(({ hazard }) => hazards?.includes(hazard));
  if (hazards !== undefined && !full)
    return [...head(value, view), ...wanted.flatMap((hazard) => argument(hazard, view))].join('\n').trimEnd();
  const links = new Map(value.links.map((link) => [link.id, link]));
  const rest = wrapText(
    'Each argument, with its evidence and what is left: --hazard NAME or --full; as a page: --output FILE',
    view.width,
  );
  return [
    ...head(value, view),
    ...redLines(value, view),
    ...value.hazards.flatMap((hazard) => row(hazard, links, view)),
    '',
    ...(full ? everything(value, view) : rest),
  ].join('\n');
}

export function diffText({ hazards, lines }: CaseDiff, { width, style }: View): string {
  if (hazards.length === 0 && lines.length === 0) return 'Nothing changed.';
  const colours = { red: 'red', green: 'green', changed: 'yellow' } as const;
  return [
    style('bold', 'What changed'),
    ...lines.flatMap((line) => wrapText(safe(line), width, '    ', '  - ')),
    ...hazards.flatMap(({ hazard, became, lines }) => [
      style(colours[became], `  ${hazard}: ${became === 'changed' ? 'changed' : `became ${became}`}`),
      ...lines.flatMap((line) => wrapText(shorten(safe(line), 600), width, '      ', '    - ')),
    ]),
  ].join('\n');
}
