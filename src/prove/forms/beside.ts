/**
 * SARIF results that are no hazards: what is said of the objective, what is given beyond it, beyond a maximum, or beyond what was
 * given before; and hazards that a change opened or closed.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { HAZARDS } from '../../contract/index.ts';
import type { Difference, HazardChange } from '../compare/index.ts';
import type { Beyond, Containment } from '../maximum/index.ts';
import type { ExcessReport } from '../objective/index.ts';
import type { Report } from '../report/index.ts';
import { flowOf, located, type SarifAbout, type SarifResult, sarifLog } from './log.ts';

/** Rules beside the hazards: what each means, and what helps. */
const RULES: Readonly<Record<string, readonly [short: string, help: string]>> = {
  'objective.unshown': [
    'nothing shows that the task can be done inside the contract',
    'An agent that finds no way within its contract may look for one around it. Name a solution under objective.feasible and run ringfence check --feasible.',
  ],
  'objective.undecided': [
    'nothing says how success is decided',
    'Write objective.success: { run: COMMAND, protect: […] }.',
  ],
  excess: [
    'a grant that nothing that is known of the objective needs',
    'Remove it, or have a run recorded that uses it: ringfence prove --recorded RUN.',
  ],
  'beyond-maximum': [
    'a grant beyond the organisation’s maximum contract',
    'Write what the maximum gives, or have the maximum changed by whoever answers for it.',
  ],
  'not-compared': [
    'a part of the contract that could not be compared',
    'Look at it yourself, or write it more simply.',
  ],
  'new-grant': ['a grant that the older contract does not give', 'Leave it out where it is not needed.'],
};

const descriptors = (ids: readonly string[]): Record<string, unknown>[] =>
  [...new Set(ids)].flatMap((id) => {
    const rule = RULES[id];
    if (rule === undefined) return [];
    const [text, help] = rule;
    return [
      {
        id,
        shortDescription: { text },
        help: { text: help },
        defaultConfiguration: { level: 'warning' },
        properties: { tags: ['security', 'ringfence'] },
      },
    ];
  });

interface Said {
  readonly clause: string;
  readonly lines: readonly string[];
  /** What stays the same while lines move. */
  readonly key: readonly string[];
}

function resultOf(
  ruleId: string,
  { clause, lines, key }: Said,
  about: SarifAbout,
  more: Partial<SarifResult> = {},
): SarifResult {
  return {
    ruleId,
    kind: 'fail',
    level: 'warning',
    message: { text: lines.join('\n') },
    locations: [located(clause, about)],
    partialFingerprints: { 'ringfencePath/v1': hash('sha256', JSON.stringify([ruleId, ...key])) },
    ...more,
  };
}

/** Findings of the objective, and what is given beyond it: results of a report, and the rules that they are by. */
export function besideResults({ findings = [], unneeded = [] }: Report, about: SarifAbout) {
  const results = [
    ...findings.map(({ id, text, clause, fix }) =>
      resultOf(id, { clause, lines: [`${text}.`, `${fix}.`], key: [] }, about),
    ),
    ...unneeded.map(({ clause, grant, why }) =>
      resultOf('excess', { clause, lines: [`${grant}: ${why}.`], key: [grant] }, about, { level: 'note' }),
    ),
  ];
  return { results, rules: descriptors(results.map(({ ruleId }) => ruleId)) };
}

/** A comparison with a maximum as one SARIF log. */
export function containmentSarif({ beyond, undecided }: Containment, name: string, about: SarifAbout) {
  const results = [
    ...beyond.map((each) => resultOf('beyond-maximum', saidOf(each), about, { level: 'error' })),
    ...undecided.map(({ clause, text }) =>
      resultOf('not-compared', { clause, lines: [text], key: [clause] }, about, {
        kind: 'open',
        level: 'none',
      }),
    ),
  ];
  return sarifLog(name, results, about, {}, descriptors(results.map(({ ruleId }) => ruleId)));
}

const saidOf = ({ clause, text, witness, limit, fix }: Beyond): Said => ({
  clause,
  lines: [
    `${text}, for example ${witness}.`,
    `${limit} of the other does not give it.`,
    `To be contained: ${fix}.`,
  ],
  key: [text, witness],
});

/** What a recorded run did not need as one SARIF log. */
export function excessSarif({ excess, limits }: ExcessReport, name: string, about: SarifAbout) {
  const results = excess.map(({ clause, grant, why, leaves, fix }) => {
    const closes = leaves.map(({ hazard, verdict }) => `${hazard} is ${verdict}`);
    const lines = [
      `${grant}: ${why}.`,
      ...(closes.length > 0 ? [`Without it: ${closes.join(', ')}.`] : []),
      ...(fix === undefined ? [] : [`To close it: ${fix}.`]),
    ];
    return resultOf('excess', { clause, lines, key: [grant] }, about, { level: 'note' });
  });
  return sarifLog(name, results, about, { limits }, descriptors(['excess']));
}

/** A change as one SARIF log: what it opens is new, what it closes absent. */
export function differenceSarif({ hazards, opened, undecided }: Difference, name: string, about: SarifAbout) {
  const results = [
    ...hazards.flatMap((change) => changeResult(change, about)),
    ...opened.grants.map(({ clause, text, witness }) =>
      resultOf('new-grant', { clause, lines: [`${text}, for example ${witness}.`], key: [text] }, about, {
        level: 'note',
        baselineState: 'new',
      }),
    ),
    ...undecided.map(({ clause, text }) =>
      resultOf('not-compared', { clause, lines: [text], key: [clause] }, about, {
        kind: 'open',
        level: 'none',
      }),
    ),
  ];
  const reached = opened.reached.map(({ id, where }) => `${id}: ${where}`);
  return sarifLog(name, results, about, { reached }, descriptors(results.map(({ ruleId }) => ruleId)));
}

function changeResult(
  { hazard, before, now, change, way, reasons }: HazardChange,
  about: SarifAbout,
): SarifResult[] {
  if (change === 'rests' || change === 'proved') return [];
  const was = before === now ? '' : ` (${before} before, ${now} now)`;
  if (change === 'closed' || change === 'fewer') {
    const isClosed = change === 'closed';
    const rest = isClosed ? '' : ' Whether there is another path is not known.';
    const lines = [`${hazard} was open${was}: ${HAZARDS[hazard]}.${rest}`];
    return [
      resultOf(hazard, { clause: '', lines, key: [change] }, about, {
        kind: isClosed ? 'pass' : 'open',
        level: 'none',
        baselineState: isClosed ? 'absent' : 'updated',
      }),
    ];
  }
  if (way === undefined) {
    const clause = reasons?.flatMap(({ by }) => by)[0] ?? '';
    const lines = [
      `Whether ${hazard} can happen is not known${was}.`,
      ...(reasons ?? []).map(({ text }) => text),
    ];
    return [
      resultOf(hazard, { clause, lines, key: [change] }, about, {
        kind: 'open',
        level: 'none',
        baselineState: 'new',
      }),
    ];
  }
  const clauses = way.steps.filter(({ kind }) => kind === 'clause').map(({ by }) => by);
  const steps = way.steps.map(({ number, text, by }) => `${number}. ${text} [${by}]`);
  const lines = [`${hazard} is opened${was}: ${HAZARDS[hazard]}.`, ...steps];
  return [
    resultOf(hazard, { clause: clauses.at(-1) ?? '', lines, key: way.steps.map(({ text }) => text) }, about, {
      level: about.required.includes(hazard) ? 'error' : 'warning',
      baselineState: change === 'opened' ? 'new' : 'updated',
      codeFlows: [flowOf(way.steps, about)],
    }),
  ];
}
