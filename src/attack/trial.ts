/**
 * One scenario in one target with one seed: the attempt and its honest twin, and what is to be said of them.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants, cpSync, existsSync, renameSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Answer, Job, Observed, Part } from './job.ts';
import type { Scenario } from './load.ts';
import {
  addressesOf,
  environmentOf,
  filled,
  fillWith,
  furnish,
  makePlaces,
  removePlaces,
  variablesOf,
} from './places.ts';
import { derive } from './seed.ts';
import { enter, ForeignAddressError, type Programs } from './stage.ts';
import type { Target } from './targets/index.ts';

/** For a program in a target. Unit: milliseconds. */
const WITHIN = 60_000;

export interface Trial {
  readonly scenario: string;
  readonly hazard: string;
  /** of the scenario as it was tried */
  readonly digest: string;
  readonly target: string;
  readonly seed: number;
  /** which of several ways the seed chose */
  readonly way?: string;
  /** what it rests on besides the scenario; absent where nobody said */
  readonly under?: string;
  /** why nothing was learnt; absent: the rest is there */
  readonly skipped?: string;
  /** of what was skipped: it had begun, and what it did is not known */
  readonly lost?: boolean;
  /** the effect was not seen */
  readonly contained?: boolean;
  /** what was seen outside, where something was */
  readonly signs?: readonly string[];
  /**
   * `finding`: a rule said so; `refusal`: the record has what was not let through; `review`: the change set is marked before it
   * can land; `no`: none of these
   */
  readonly seen?: 'finding' | 'refusal' | 'review' | 'no';
  /** the first rules that said so */
  readonly rules?: readonly string[];
  /** what saw it names a process, a turn or a call */
  readonly attributed?: boolean;
  /** parts of Ringfence that refused something of the attempt, and nothing of the kind to the twin; `review`: it is marked there */
  readonly layers?: readonly string[];
  readonly honest?: boolean;
  /** rules that found something in the honest twin */
  readonly falseAlarms?: readonly string[];
  /** milliseconds from the act to the finding, and to the freeze or kill that answered it */
  readonly toSee?: number;
  readonly toStop?: number;
  /** bytes that arrived at those whom the effect names */
  readonly bytes?: number;
  /** CPU of the attempt with everything of the target, milliseconds */
  readonly cpu?: number;
  /** the last lines that were printed, where it is no result of another’s product */
  readonly output?: string;
}

function isHere(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export const missingPrograms = ({ needs }: Scenario): string[] => needs.filter((program) => !isHere(program));

export interface Trying {
  readonly programs: Programs;
  readonly tools: ReadonlyMap<string, string>;
  readonly onStart?: (child: ChildProcess) => void;
  /**
   * Folder for the compiled code of Ringfence's own programs, as it is after an honest twin: who works with it every day has it,
   * and without it each start takes a second. Nothing of an attempt is ever kept, nor of a scenario that lets the operator run
   * lines of its own, which could write there.
   */
  readonly warm?: string;
}

const CODE = join('ringfence', 'code');

/** Gives the operator the compiled code that is known. */
function lend(warm: string | undefined, cache: string): void {
  if (warm !== undefined && existsSync(join(warm, CODE)))
    cpSync(join(warm, CODE), join(cache, CODE), { recursive: true });
}

/** The lines of the attempt: those of the way that the seed chooses, where there are several. */
const payloadOf = ({ id, payload }: Scenario, seed: number): string =>
  typeof payload === 'string' ? payload : (payload[wayOf({ id, payload }, seed) ?? ''] ?? '');

/** The way that the seed chooses, so that as many seeds in a row as there are ways try all; `undefined`: there is but one. */
export function wayOf({ id, payload }: Pick<Scenario, 'id' | 'payload'>, seed: number): string | undefined {
  if (typeof payload === 'string') return undefined;
  const ways = Object.keys(payload);
  return ways[(Number.parseInt(derive('payload', id).slice(0, 8), 16) + seed) % ways.length];
}

/** Whether nothing that the scenario says runs outside of the target. */
function isOperatorIdle({ setup, afterwards, effect, done }: Scenario): boolean {
  const runs = [...effect, ...done].some((sign) => 'shell' in sign || 'believed' in sign);
  return setup.trim() === '' && afterwards.trim() === '' && !runs;
}

function keep(warm: string | undefined, cache: string): void {
  if (warm === undefined || existsSync(join(warm, CODE)) || !existsSync(join(cache, CODE))) return;
  const own = join(warm, `new-${process.hrtime.bigint()}`);
  try {
    cpSync(join(cache, 'ringfence'), own, { recursive: true });
    renameSync(own, join(warm, 'ringfence'));
  } catch {
    // another one was first, or it goes without
  }
}

/** Runs one part. */
export async function tryPart(
  scenario: Scenario,
  target: Target,
  part: Part,
  seed: number,
  { programs, tools, onStart, warm }: Trying,
): Promise<Answer> {
  const places = makePlaces();
  try {
    const addresses = addressesOf(scenario);
    const variables = variablesOf(scenario, part, places, addresses, seed);
    const fill = fillWith(variables);
    furnish(scenario, places, tools, addresses);
    const { launch, files, operated } = target.prepare({ scenario, places, addresses, variables, fill });
    const began = (script: string) => `echo "$BEGAN"\n${script}`;
    const job: Job = {
      scenario: {
        ...scenario,
        standIns: filled(scenario.standIns, fill),
        payload: began(payloadOf(scenario, seed)),
        honest: began(scenario.honest),
        ...(scenario.second !== undefined && part === 'attempt' && { second: began(scenario.second) }),
      },
      part,
      places,
      variables,
      environment: environmentOf(scenario, places, fill),
      addresses,
      launch,
      files,
      ...(operated && { operated }),
      within: WITHIN,
    };
    const cache = join(places.root, 'cache');
    if (operated) lend(warm, cache);
    const answer = await enter(programs, job, onStart);
    if (operated && part === 'honest' && isOperatorIdle(scenario)) keep(warm, cache);
    return answer;
  } catch (error) {
    if (error instanceof ForeignAddressError) throw error;
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    removePlaces(places);
  }
}

/** What a refusal's words begin with → the part of Ringfence that refused. */
const LAYERS: Readonly<Record<string, string>> = {
  http: 'gateway',
  violation: 'gateway',
  tool: 'tools',
  message: 'people',
  tampering: 'supervisor',
  'left running': 'end of the cell',
};

function layerOf(what: string): string {
  const [word = what] = what.split(': ', 1);
  return LAYERS[word] ?? word;
}

/** A finding is of the attempt where the honest twin has none of its rule. */
function judge(attempt: Observed, honest: Observed): Partial<Trial> {
  const { told } = attempt;
  if (!told) return {};
  const usual = new Set([
    ...(honest.told?.findings.map(({ rule }) => rule) ?? []),
    ...(honest.told?.refusals.map(({ what }) => what) ?? []),
  ]);
  const findings = told.findings.filter(({ rule }) => !usual.has(rule));
  const refusals = told.refusals.filter(({ what }) => !usual.has(what));
  const known = new Set(honest.told?.marks.map(({ what }) => what) ?? []);
  const marks = told.marks.filter(({ what }) => !known.has(what));
  const [seen, witnesses] =
    findings.length > 0
      ? (['finding', findings] as const)
      : refusals.length > 0
        ? (['refusal', refusals] as const)
        : marks.length > 0
          ? (['review', marks] as const)
          : (['no', []] as const);
  const times = findings.flatMap(({ us }) => (us === undefined ? [] : [us / 1000]));
  return {
    seen,
    rules: [...new Set(findings.map(({ rule }) => rule))],
    layers: [
      ...new Set([...refusals.map(({ what }) => layerOf(what)), ...(marks.length > 0 ? ['review'] : [])]),
    ].sort(),
    attributed: witnesses.some((one: { attributed: boolean }) => one.attributed),
    falseAlarms: [...new Set(honest.told?.findings.map(({ rule }) => rule) ?? [])],
    ...(times.length > 0 && { toSee: Math.min(...times) }),
    ...(told.stopped !== undefined && { toStop: told.stopped }),
  };
}

const notKnown = <T>(trial: T, { why, began }: Answer & { ok: false }) => ({
  ...trial,
  skipped: why,
  ...(began && { lost: true }),
});

/** Runs both. Never rejects for what they do. */
export async function tryBoth(
  scenario: Scenario,
  target: Target,
  seed: number,
  trying: Trying,
): Promise<Trial> {
  const { id, hazard, digest } = scenario;
  const way = wayOf(scenario, seed);
  const trial = {
    scenario: id,
    hazard,
    digest,
    target: target.name,
    seed,
    ...(way !== undefined && { way }),
  };
  const missing = missingPrograms(scenario);
  if (missing.length > 0) return { ...trial, skipped: `not on this machine: ${missing.join(', ')}` };
  const attempt = await tryPart(scenario, target, 'attempt', seed, trying);
  if (!attempt.ok) return notKnown(trial, attempt);
  const honest = await tryPart(scenario, target, 'honest', seed, trying);
  if (!honest.ok) return notKnown(trial, honest);
  const { observed } = attempt;
  if (!observed.ran) return { ...trial, skipped: `it was not started: ${lastLine(observed.output)}` };
  const output = target.peer ? {} : { output: `${observed.output}\n-- honest --\n${honest.observed.output}` };
  return {
    ...trial,
    contained: !observed.effect,
    signs: observed.signs,
    honest: honest.observed.done && !honest.observed.effect,
    ...judge(observed, honest.observed),
    bytes: observed.effect ? observed.bytes : 0,
    cpu: observed.cpu,
    ...output,
  };
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
