/**
 * Inputs of safety cases for tests: all green, and what is to be different.
 *
 * @module
 */
import { HAZARD_NAMES, type Hazard } from '../../contract/index.ts';
import type { Verdict } from '../../prove/report/index.ts';
import { reproduction, trialOf } from '../attest/attest.fixture.ts';
import type { Changed, Statement } from '../attest/index.ts';
import type { CaseInput, Held } from './input.ts';

export const DIGEST = 'ab'.repeat(32);
const MADE = '2026-11-22T12:00:00.000Z';

const subject = (name: string) => ({ name, digest: { sha256: DIGEST } });

export const proved = (hazard: Hazard): Verdict => ({
  hazard,
  verdict: 'PROVED',
  rests: [{ name: 'network', text: 'no network but what the gateway allows' }],
});
export const refuted = (hazard: Hazard): Verdict => ({
  hazard,
  verdict: 'REFUTED',
  steps: [
    { number: 1, text: 'the agent reaches api.example.com:443', kind: 'clause', by: 'network[0]', from: [] },
    {
      number: 2,
      text: hazard,
      why: 'What it can read it can send',
      kind: 'rule',
      by: 'rule send',
      from: [1],
    },
  ],
  command: undefined,
  trail: { rule: 'send' },
  closed: { changes: ['remove network[0]'], clauses: ['network[0]'], leaves: 'PROVED', minimal: true },
});
export const undecided = (hazard: Hazard): Verdict => ({
  hazard,
  verdict: 'UNKNOWN',
  reasons: [{ text: 'the model has no word for it', by: [] }],
});

export const changed = (name: string): Changed => ({ name, before: DIGEST, now: 'cd'.repeat(32) });

/** Evidence of a kind as `command` made it. */
export function held<K extends Statement['kind']>(
  predicate: Statement<K>['predicate'],
  names: readonly string[],
  command: readonly string[],
  changes: readonly Changed[] = [],
): Held<K> {
  const file = `${command[0]}.json`;
  return {
    command,
    found: { file, sha256: DIGEST, subjects: names.map(subject), predicate, changed: changes },
  };
}

export const proofOf = (verdicts: readonly Verdict[], changes: readonly Changed[] = []): Held<'proof'> =>
  held<'proof'>(
    {
      ...{ made: MADE, ringfence: '0.1.0', contract: 'demo', model: 1, catalogue: DIGEST },
      verdicts: verdicts.map(({ hazard, verdict }) =>
        verdict === 'PROVED'
          ? { hazard, verdict, rests: [] }
          : verdict === 'REFUTED'
            ? { hazard, verdict, steps: [] }
            : { hazard, verdict, reasons: [] },
      ),
    },
    ['contract', 'kernel', 'program'],
    ['prove', '--loaded', 'ringfence.yaml'],
    changes,
  );

export const readBackOf = (changes: readonly Changed[] = []): Held<'read-back'> =>
  held<'read-back'>(
    {
      ...{
        made: MADE,
        ringfence: '0.1.0',
        run: '20261122-120000-abcdef',
        contract: 'demo',
        isolation: 'process',
      },
      ...{ started: MADE, never: {} },
      effective: {
        namespaces: { net: 1, pid: 2, mnt: 3 },
        seccomp: { mode: 2, filters: 1, read: true },
        capabilities: { effective: '0000000000000000', permitted: '0000000000000000' },
        noNewPrivs: true,
        landlock: 6,
        mounts: ['/ ro tmpfs', '/usr ro ext4'],
        interfaces: ['lo'],
      },
    },
    ['contract', 'kernel', 'launcher', 'plan', 'program'],
    ['run', '--contract', 'ringfence.yaml', '--', 'true'],
    changes,
  );

export const reviewOf = (changes: readonly Changed[] = []): Held<'review'> =>
  held<'review'>(
    { made: MADE, ringfence: '0.1.0', on: '2026-11-22', claims: 2, drafts: 0, sources: 1, complete: true },
    ['claims/a-claim', 'claims/other-claim', 'claims/sources/a-source'],
    ['evidence', 'lint'],
    changes,
  );

/** A scenario of a hazard with so many attempts. */
export function attempts(
  hazard: Hazard,
  count: number,
  {
    changes = [],
    trial = {},
    name = 'usual',
  }: { changes?: readonly Changed[]; trial?: Parameters<typeof trialOf>[1]; name?: string } = {},
): CaseInput['reproductions'][number] {
  const id = `${hazard}.${name}`;
  const { predicate } = reproduction({ scenario: id, hazard });
  const trials = Array.from({ length: count }, (_, seed) => trialOf(seed, trial));
  const results = predicate.results.map((result) => ({ ...result, trials }));
  return {
    scenario: { id, hazard, title: `An attempt at ${hazard}` },
    held: held<'reproduction'>(
      { ...predicate, results },
      ['kernel', 'program', 'rules/detections/x.yml', `scenarios/${id}`],
      [
        'attack',
        '--targets',
        'ringfence',
        '--scenarios',
        id,
        ...(count > 1 ? ['--seeds', String(count)] : []),
      ],
      changes,
    ),
  };
}

/** Detected, not prevented. */
export const WATCHED: readonly Hazard[] = ['compute-diversion', 'deception'];
/** Neither; borne. */
export const BORNE: readonly Hazard[] = ['coercion'];

/** A case that is green: most hazards are proved, two are watched, one is borne. */
export function greenInput(): CaseInput {
  const verdicts = HAZARD_NAMES.map((hazard) =>
    hazard === 'compute-diversion'
      ? refuted(hazard)
      : WATCHED.includes(hazard) || BORNE.includes(hazard)
        ? undecided(hazard)
        : proved(hazard),
  );
  return {
    made: '2026-11-22T13:00:00.000Z',
    ringfence: '0.1.0',
    contract: { name: 'demo', file: 'ringfence.yaml', sha256: DIGEST, task: 'Make the tests pass.' },
    coverage: Object.fromEntries(
      HAZARD_NAMES.map((hazard) => [
        hazard,
        WATCHED.includes(hazard)
          ? { state: 'detected', by: 'rules look at it' }
          : BORNE.includes(hazard)
            ? { state: 'not covered', by: 'nobody reads its messages' }
            : { state: 'prevented', by: 'no network (empty network namespace)' },
      ]),
    ),
    verdicts,
    accepted: BORNE.map((hazard, index) => ({
      ...{ hazard, reason: 'there is nobody whom its output reaches but me', by: 'Ada', until: '2027-06-30' },
      ...{ expired: false, clause: `accept[${index}]` },
    })),
    proof: proofOf(verdicts),
    readBack: readBackOf(),
    review: reviewOf(),
    reproductions: HAZARD_NAMES.map((hazard) => attempts(hazard, 20)),
    claims: [
      {
        ...{
          id: 'a-claim',
          title: 'Agents mine',
          hazards: ['compute-diversion'],
          status: 'REALIZED ✓ verified',
        },
        ...{ coverage: 'UNMEASURED', subjects: ['claims/a-claim', 'claims/sources/a-source'] },
      },
      {
        ...{ id: 'other-claim', title: 'Agents leave hooks', hazards: ['persistence'], status: 'REPORTED' },
        ...{ coverage: 'UNMEASURED', subjects: ['claims/other-claim'] },
      },
    ],
    damaged: [],
    kernel: '6.18.0 #1 x86_64',
    key: 'ringfence/01234567+89abcdef',
  };
}

/** With the verdict of one hazard changed, in the statement as well. */
export function withVerdict(input: CaseInput, verdict: Verdict): CaseInput {
  const verdicts = input.verdicts.map((one) => (one.hazard === verdict.hazard ? verdict : one));
  return { ...input, verdicts, proof: proofOf(verdicts) };
}
