/**
 * The gate before every launch: only a plan that was proved, with a filter that was proved, becomes one that a launcher takes.
 *
 * @module
 */
import type {
  Contract,
  FilterSpecification,
  GatewayConfig,
  JudgeConfig,
  Plan,
} from '../../../contract/index.ts';
import { type EgressFacts, proveEgress, proveJudges } from '../egress/index.ts';
import { type FilterVerdict, testHolds } from '../filter/index.ts';
import {
  type Breach,
  breachText,
  type CellFacts,
  type HelperFacts,
  type PlanVerdict,
  PROMISES,
  type Promised,
  proveCellPlan,
  proveHelperPlan,
  proveReducedPlan,
} from '../plan/index.ts';

declare const proved: unique symbol;
/** A plan that passed the gate. Nothing else makes one. */
export type ProvedPlan = Plan & { readonly [proved]: 'plan' };

/** What a plan's filter is to decide. */
export interface FilterTable {
  readonly specification: FilterSpecification;
  /** calls that the supervisor refuses, by number, with the errno that it answers; empty where there is none */
  readonly refused: ReadonlyMap<number, number>;
}

/** Whether a filter is its table: looked up, or found out. */
export type FilterProver = (
  filter: Uint8Array,
  specification: FilterSpecification,
) => FilterVerdict | Promise<FilterVerdict>;

/** Why something was not launched. */
export interface NotProved {
  readonly ok: false;
  readonly promise: Promised;
  /** the broken promise, how, and where: a line */
  readonly problem: string;
  readonly hint: string;
  readonly breaches: readonly Breach[];
}

export type Admission = { readonly ok: true; readonly plan: ProvedPlan } | NotProved;

export interface Gate {
  /** the texts of a filter that was proved for this policy, and passed {@link textBreaches}, when the installation was built */
  readonly known?:
    | { readonly program: string; readonly refused: string; readonly answers: string }
    | undefined;
  readonly table: FilterTable;
  readonly filters: FilterProver;
}

/** The plan of a cell, of either isolation. */
export function admitCell(plan: Plan, facts: CellFacts, gate: Gate): Promise<Admission> {
  const { copy } = facts;
  const verdict = copy ? proveReducedPlan(plan, { ...facts, copy }) : proveCellPlan(plan, facts);
  return admit(plan, verdict, gate);
}

/** The plan of a process of our own. */
export function admitHelper(plan: Plan, facts: HelperFacts, gate: Gate): Promise<Admission> {
  return admit(plan, proveHelperPlan(plan, facts), gate);
}

async function admit(plan: Plan, verdict: PlanVerdict, gate: Gate): Promise<Admission> {
  if (verdict.verdict === 'refuted') return notProved(plan, verdict.breaches);
  if (gate.known && isKnown(plan, gate.known)) return { ok: true, plan: plan as ProvedPlan };
  const { table, filters } = gate;
  const wrong = textBreaches(plan, table);
  if (wrong.length > 0) return notProved(plan, wrong);
  const operation = plan.findIndex(([name]) => name === 'seccomp');
  const answer = await filters(Buffer.from(plan[operation]?.[1] ?? '', 'hex'), table.specification);
  if (answer.verdict === 'proved') return { ok: true, plan: plan as ProvedPlan };
  const says =
    answer.verdict === 'refuted' ? answer.problem : `nothing is known of the filter: ${answer.reason}`;
  return notProved(plan, [{ promise: 'filter', says }]);
}

/** Whether a plan loads, answers and expects what is known; each is there once (that is part of a plan's proof). */
function isKnown(plan: Plan, { program, refused, answers }: NonNullable<Gate['known']>): boolean {
  const text = (name: string) => plan.find(([each]) => each === name)?.[1];
  if (text('seccomp') !== program) return false;
  if (plan[0]?.[1] === 'confined') return text('refused') === undefined;
  return text('refused') === refused && text('answers') === answers;
}

/** What is wrong with what the supervisor and the probes are told of a filter. */
export const textBreaches = (plan: Plan, table: FilterTable): readonly Breach[] => [
  ...refusedBreaches(plan, table.refused),
  ...answerBreaches(plan, table),
];

/** What the supervisor answers is what the policy says. */
function refusedBreaches(plan: Plan, wanted: ReadonlyMap<number, number>): Breach[] {
  const operation = plan.findIndex(([name]) => name === 'refused');
  const told = (says: string): Breach[] => [{ promise: 'filter', says, operation: Math.max(0, operation) }];
  const text = plan[operation]?.[1];
  if (text === undefined)
    return wanted.size === 0 ? [] : told('the supervisor would not know what to refuse');
  const rows = text.split(',').slice(1, -1);
  const found = new Map(rows.map((row) => row.split(':').map(Number) as [number, number]));
  if (rows.length !== found.size || !text.startsWith(',') || !text.endsWith(','))
    return told('the list of refused calls cannot be read in one way');
  for (const [number, errno] of wanted)
    if (found.get(number) !== errno)
      return told(`call ${number} would be answered with ${found.get(number) ?? 'EPERM'}, not with ${errno}`);
  for (const number of found.keys()) if (!wanted.has(number)) return told(`call ${number} would be refused`);
  return [];
}

/** Calls that probes need to tell filters apart. */
const FEWEST_ANSWERS = 64;
const ALL_ONES = Array<bigint>(6).fill((1n << 64n) - 1n);

/** What the probes expect of the filter is what its table says; a plan without a supervisor has no probes. */
function answerBreaches(plan: Plan, { specification, refused }: FilterTable): Breach[] {
  if (plan[0]?.[1] === 'confined') return [];
  const operation = plan.findIndex(([name]) => name === 'answers');
  const told = (says: string): Breach[] => [
    { promise: 'supervision', says, operation: Math.max(0, operation) },
  ];
  const rows = (plan[operation]?.[1] ?? '')
    .split(',')
    .slice(1, -1)
    .map((row) => row.split(':').map(Number));
  if (rows.length < FEWEST_ANSWERS)
    return told(`probes would try ${rows.length} calls, which says little of the filter`);
  const rules = new Map(specification.calls);
  for (const [number = -1, errno = -1] of rows) {
    let choice = rules.get(number) ?? specification.otherwise;
    while ('test' in choice) choice = testHolds(choice.test, ALL_ONES) ? choice.yes : choice.no;
    const wanted =
      choice.do === 'errno' ? choice.errno : choice.do === 'notify' ? refused.get(number) : undefined;
    if (wanted !== errno)
      return told(`probes would expect ${errno} of call ${number}, which gets ${wanted ?? 'no error'}`);
  }
  return [];
}

const HINTS: Partial<Record<Promised, string>> = {
  hidden: 'write the path as it is, without links, or name it under files.hide where it really lies',
  records:
    'name the folders that are needed, one by one, or set XDG_STATE_HOME and XDG_RUNTIME_DIR elsewhere',
};

function notProved(plan: Plan, breaches: readonly Breach[]): NotProved {
  const [first] = breaches as [Breach];
  const more = breaches.length > 1 ? ` (and ${breaches.length - 1} more)` : '';
  return {
    ok: false,
    promise: first.promise,
    problem: `not proved, so not started: ${breachText(first, plan)}${more}`,
    hint:
      HINTS[first.promise] ??
      'this is a fault of Ringfence or of what lies on this machine, not of the program: please report it',
    breaches,
  };
}

/** A gateway's configuration that passed the gate. */
export type ProvedConfig = GatewayConfig & { readonly [proved]: 'config' };

/** The configuration of the judges' process, which passed the gate. */
export type ProvedJudges = JudgeConfig & { readonly [proved]: 'judges' };

/** What the judges' process is told. */
export function admitJudges(
  config: JudgeConfig,
  contract: Contract,
): { readonly ok: true; readonly config: ProvedJudges } | NotProved {
  const verdict = proveJudges(config, contract);
  if (verdict.verdict === 'proved') return { ok: true, config: config as ProvedJudges };
  const breaches = verdict.breaches.map(
    ({ says, clause }): Breach => ({ promise: 'network', says: `judges are told too much: ${says}`, clause }),
  );
  return notProved([], breaches);
}

/** What a gateway is told. */
export function admitConfig(
  config: GatewayConfig,
  facts: EgressFacts,
): { readonly ok: true; readonly config: ProvedConfig } | NotProved {
  const verdict = proveEgress(config, facts);
  if (verdict.verdict === 'proved') return { ok: true, config: config as ProvedConfig };
  const breaches = verdict.breaches.map(
    ({ says, witness, clause }): Breach => ({
      promise: 'network',
      says: `the gateway is told too much: ${says}`,
      clause,
      ...(witness !== undefined && { witness }),
    }),
  );
  return notProved([], breaches);
}

/** The words of a promise. */
export const promiseText = (promise: Promised): string => PROMISES[promise];
