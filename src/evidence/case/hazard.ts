/**
 * The case of one hazard: goal, argument, what supports it, what is left. Nothing is rounded up.
 *
 * @module
 */
import { type Acceptance, acceptedBy, type Coverage, type Hazard } from '../../contract/index.ts';
import { ABOUT } from '../../prove/explain/index.ts';
import type { Verdict } from '../../prove/report/index.ts';
import { effectiveWords } from './effective.ts';
import type { CaseInput } from './input.ts';
import { minuteOf, problemOf } from './links.ts';
import type { CaseProblem, CaseStep, HazardCase, Link, Standing, Tried } from './schema.ts';
import { isContainedAndSeen, isIdle, totalsOf, triedOf, triedStep } from './tried.ts';
import { GOALS, percent, times } from './words.ts';

/** Seeds of a whole battery. */
const SEEDS = 20;

/** What a hazard is judged by. */
interface Basis {
  readonly hazard: Hazard;
  readonly verdict: Verdict | undefined;
  readonly coverage: Coverage | undefined;
  readonly accepted: Acceptance | undefined;
  readonly tried: readonly Tried[];
  readonly totals: HazardCase['totals'];
  readonly links: ReadonlyMap<string, Link>;
  /** what a run would load and is not what the contract says, in words */
  readonly misloaded: readonly string[];
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const sentence = (text: string): string => (/[.!?]$/.test(text) ? capital(text) : `${capital(text)}.`);

const isFresh = ({ links }: Basis, id: string): boolean => links.get(id)?.state === 'fresh';

function modelStep({ verdict }: Basis): CaseStep {
  const links = ['proof'];
  switch (verdict?.verdict) {
    case 'PROVED':
      return {
        kind: 'model',
        state: 'holds',
        text: 'Proved: in the stated model it cannot happen.',
        details: verdict.rests.map(({ text }) => `resting on ${text}`),
        links,
      };
    case 'REFUTED':
      return {
        kind: 'model',
        state: 'open',
        text: 'In the model it can happen; this is the shortest path.',
        details: [
          ...verdict.steps.map(
            ({ number, text, why, by }) => `${number}. ${text}${why === undefined ? '' : `: ${why}`} (${by})`,
          ),
          ...(verdict.closed === undefined
            ? ['No change of this contract alone closes it.']
            : [`Closed by: ${verdict.closed.changes.join('; ')}.`]),
        ],
        links,
      };
    default:
      return {
        kind: 'model',
        state: 'unknown',
        text: 'Unknown: no rule of the model decides it.',
        details: (verdict?.reasons ?? []).map(({ text, by }) =>
          by.length === 0 ? text : `${text} (${by.join(', ')})`,
        ),
        links,
      };
  }
}

function layersStep({ coverage }: Basis): CaseStep {
  const { state, by } = coverage ?? { state: 'not covered', by: 'nothing is known' };
  const said = {
    prevented: { state: 'holds', text: 'Prevented by:' },
    detected: { state: 'holds', text: 'Not prevented; detected by:' },
    'not covered': { state: 'open', text: 'Neither prevented nor detected:' },
  } as const;
  return { kind: 'layers', ...said[state], text: `${said[state].text} ${by}.`, details: [], links: [] };
}

function effectiveStep(basis: Basis, { readBack }: CaseInput): CaseStep {
  const { found } = readBack;
  const step = { kind: 'effective' as const, links: ['read-back'] };
  if (found === undefined)
    return {
      ...step,
      state: 'unknown',
      text: 'No run of this contract has read its layers back.',
      details: [],
    };
  const { run, started, effective } = found.predicate;
  const fresh = isFresh(basis, 'read-back');
  return {
    ...step,
    state: fresh ? 'holds' : 'unknown',
    text: `Read back from outside before anything ran, by run ${run} of ${minuteOf(started)}${fresh ? '' : ', which does not count any more'}.`,
    details: effectiveWords(effective),
  };
}

function acceptedStep({ accepted }: Basis): CaseStep[] {
  if (accepted === undefined) return [];
  const who = acceptedBy(accepted);
  return [
    {
      kind: 'accepted',
      state: accepted.expired ? 'open' : 'holds',
      text: `Accepted in the contract: “${accepted.reason}”${who === '' ? '' : ` (${who})`}.`,
      details: [],
      links: [],
    },
  ];
}

function standingOf(basis: Basis): Standing {
  const { verdict, coverage, accepted, tried, totals } = basis;
  const broken = totals.effects > 0;
  const held = isFresh(basis, 'read-back') && !broken;
  const isLoaded = isFresh(basis, 'proof') && basis.misloaded.length === 0;
  if (verdict?.verdict === 'PROVED' && isLoaded && held) return 'proved';
  // what the contract itself calls not covered is not made better by attempts in other contracts
  if (coverage?.state === 'detected' && isContainedAndSeen(tried) && held) return 'watched';
  if (accepted !== undefined && !accepted.expired) return 'accepted';
  return 'unsupported';
}

/** Why nothing supports it, and what a person can do, where no link says it already. */
function openProblems({
  hazard,
  verdict,
  coverage,
  accepted,
  tried,
  totals,
  links,
  misloaded,
}: Basis): CaseProblem[] {
  const problems: CaseProblem[] = misloaded.map((text) => ({
    text: `what a run would load is not proved to be what the contract says, and no run starts with it: ${text}`,
    link: 'proof',
    command: [...(links.get('proof')?.command ?? [])],
  }));
  if (totals.effects > 0)
    problems.push({
      text: `an attempt had its effect (${totals.effects} of ${totals.runs}): ${tried
        .filter(({ effects }) => effects > 0)
        .map(({ scenario }) => scenario)
        .join(', ')}; trying again takes nothing back: it goes when what let it through is another`,
    });
  const weak = tried.filter(
    (one) =>
      one.state === 'fresh' &&
      one.runs > 0 &&
      one.effects === 0 &&
      coverage?.state === 'detected' &&
      !isIdle(one) &&
      !isContainedAndSeen([one]),
  );
  const idle = tried.filter((one) => one.state === 'fresh' && isIdle(one));
  if (verdict?.verdict !== 'PROVED' && coverage?.state === 'detected' && idle.length > 0)
    problems.push({
      text: `with nothing in the way an attempt has no effect either, so that it shows nothing: ${idle.map(({ scenario }) => scenario).join(', ')}: mend the scenario`,
    });
  if (verdict?.verdict !== 'PROVED' && weak.length > 0)
    problems.push({
      text: `not every attempt was seen and attributed, or an honest twin did not do its task: ${weak.map(({ scenario }) => scenario).join(', ')}`,
      // of a seed the worst counts: only others can add to it
      ...(weak.every(({ runs }) => runs < SEEDS) && {
        command: [...['attack', '--targets', 'ringfence', '--scenarios', hazard], '--seeds', String(SEEDS)],
      }),
    });
  if (accepted?.expired)
    problems.push({
      text: `it was accepted until ${accepted.until}, which is over: decide again, and write it in the contract (${accepted.clause})`,
      bearable: true,
    });
  else if (verdict?.verdict !== 'PROVED' && coverage?.state !== 'detected')
    problems.push({
      text: `${verdict?.verdict === 'REFUTED' ? 'it can happen in the model' : 'the model cannot decide it'}, and nothing detects it: close the path, or say under accept in the contract why it is borne`,
      bearable: true,
    });
  else if (verdict?.verdict !== 'PROVED' && tried.length === 0)
    problems.push({
      text: 'there is no scenario that tries it, so that nothing is measured',
      bearable: true,
    });
  return problems;
}

/** Links that the standing rests on; of attempts those that are on record, and for what is only watched all. */
function linkProblems({ verdict, coverage, accepted, tried, links }: Basis): {
  problems: CaseProblem[];
  gaps: CaseProblem[];
} {
  const [problems, gaps]: [CaseProblem[], CaseProblem[]] = [[], []];
  for (const id of ['proof', 'read-back']) {
    const problem = problemOf(links.get(id) as Link);
    if (problem) problems.push(problem);
  }
  const isBorne = accepted !== undefined && !accepted.expired;
  const needed = verdict?.verdict !== 'PROVED' && coverage?.state === 'detected' && !isBorne;
  for (const { link: id } of tried) {
    const link = links.get(id) as Link;
    const problem = problemOf(link);
    if (!problem) continue;
    if (link.state === 'missing' && !needed) gaps.push(problem);
    else problems.push(problem);
  }
  return { problems, gaps };
}

function residualOf({ hazard, coverage, verdict, accepted, totals }: Basis, standing: Standing): string[] {
  const { runs, effects, effectsAtMost } = totals;
  const measured =
    runs === 0 || effectsAtMost === undefined
      ? 'How often such attempts would have an effect is not measured here.'
      : `${capital(times(runs))} tried with ${effects} effects does not exclude that up to ${percent(effectsAtMost)} of such attempts have one.`;
  const beyond = sentence(`beyond any proof of it: ${ABOUT[hazard].beyond}`);
  switch (standing) {
    case 'proved':
      return [
        'Steps that the model does not know, and errors in the kernel or in Ringfence itself.',
        beyond,
        measured,
      ];
    case 'watched':
      return [
        sentence(`it is detected, not prevented: ${coverage?.by ?? ''}`),
        measured,
        'Attempts that nobody thought of yet may look like honest work.',
      ];
    case 'accepted':
      return [
        verdict?.verdict === 'REFUTED'
          ? 'It can happen, by the path that is shown or another one; somebody decided to bear that.'
          : 'It is not known whether it can happen; somebody decided to bear that.',
        sentence(coverage?.by ?? ''),
        ...(accepted?.until === undefined ? ['The acceptance has no end: nobody will be asked again.'] : []),
        measured,
      ];
    case 'unsupported':
      return [
        verdict?.verdict === 'PROVED'
          ? 'Until what is red is green, it has to be taken as possible.'
          : 'It has to be taken as possible.',
        ...(coverage ? [sentence(coverage.by)] : []),
        measured,
      ];
  }
}

export function hazardCase(hazard: Hazard, input: CaseInput, links: ReadonlyMap<string, Link>): HazardCase {
  const tried = input.reproductions.filter(({ scenario }) => scenario.hazard === hazard).map(triedOf);
  const totals = totalsOf(tried);
  const basis: Basis = {
    hazard,
    verdict: input.verdicts.find((one) => one.hazard === hazard),
    coverage: input.coverage[hazard],
    accepted: input.accepted.find((one) => one.hazard === hazard),
    ...{ tried, totals, links },
    misloaded: (input.proof.found?.predicate.artefacts ?? []).flatMap(({ artefact, state, text }) =>
      state === 'refuted' ? [`${artefact}: ${text}`] : [],
    ),
  };
  const standing = standingOf(basis);
  const { problems, gaps } = linkProblems(basis);
  const claims = input.claims.filter(({ hazards }) => hazards.includes(hazard));
  const review = reviewProblem(claims, links.get('review') as Link);
  const { accepted, verdict } = basis;
  const rests = [
    ...(verdict?.verdict === 'PROVED' ? verdict.rests.map(({ text }) => text) : []),
    ...(standing === 'accepted' ? ['the judgement of who accepted it'] : []),
  ];
  return {
    ...{ hazard, goal: GOALS[hazard], standing, gaps },
    coverage: basis.coverage?.state ?? 'not covered',
    problems: [
      ...(standing === 'unsupported' || totals.effects > 0 ? openProblems(basis) : []),
      ...problems,
      ...(review ? [review] : []),
    ],
    argument: [
      modelStep(basis),
      layersStep(basis),
      effectiveStep(basis, input),
      triedStep(tried, totals),
      ...acceptedStep(basis),
    ],
    ...{ tried, totals, rests },
    ...(accepted && {
      accepted: {
        reason: accepted.reason,
        ...(accepted.by !== undefined && { by: accepted.by }),
        ...(accepted.until !== undefined && { until: accepted.until }),
        expired: accepted.expired,
      },
    }),
    residual: residualOf(basis, standing),
    claims: claims.map(({ id, title, status, coverage }) => ({ id, title, status, coverage })),
  };
}

/** The review, where what changed in it is about claims of this hazard; where there is none, every claim is without. */
function reviewProblem(claims: CaseInput['claims'], review: Link): CaseProblem | undefined {
  if (review.state !== 'stale') return claims.length > 0 ? problemOf(review) : undefined;
  const own = new Set(claims.flatMap(({ subjects }) => subjects));
  const changed = review.changed.filter(({ name }) => own.has(name));
  return changed.length === 0 ? undefined : problemOf({ ...review, changed });
}
