/**
 * Formulas as detectors: each observation is a time point at which one predicate holds, its category with its fields by
 * name; beside them `tick()` holds once a second, whatever happens, for what is to be asked of the past alone. Every run
 * is a trace of its own.
 *
 * @module
 */
import type { Detection, Detector, Report, RuleInfo } from '../detector.ts';
import type { Observation } from '../observation.ts';
import { FIELDS } from '../observe/index.ts';
import { Clock } from './clock.ts';
import { type Brief, isWokenBy } from './dormant.ts';
import type { External } from './evaluate.ts';
import { type Monitor, Program, type Solution } from './monitor.ts';
import type { Signature } from './signature.ts';
import type { Value } from './values.ts';

/** A formula and what its solutions mean. */
export interface MonitorRule {
  readonly info: RuleInfo;
  /** holds where something is wrong */
  readonly formula: string;
  /** what is found, `{x}` being the value of a variable */
  readonly text: string;
  /** variables by which solutions are the same matter; default: all */
  readonly key?: readonly string[];
  readonly externals?: Readonly<Record<string, External>>;
  /** how long after the end of a run `tick()` holds once more, as if nothing had come since. Unit: µs */
  readonly settle?: number;
  /** where a build found it out: such a rule is compiled when it is first needed */
  readonly brief?: Brief | undefined;
}

/** Runs that are followed at once; of more, the one that was quiet longest is forgotten. */
const RUNS = 1024;

/** How much of a value is shown. Unit: characters. */
const SHOWN = 200;

const TICK = 'tick';

/** Categories whose analysers add fields as they need. */
const OPEN: ReadonlySet<string> = new Set(['shell_command', 'sql_statement', 'workspace_change', 'auditd']);

/** What formulas about observations may speak of. */
export function observationSignature(): Signature {
  const signature = new Map<string, { fields: string[]; named?: string[]; open?: boolean }>();
  for (const [category, fields] of Object.entries(FIELDS))
    signature.set(category, { fields: [], named: Object.keys(fields), open: OPEN.has(category) });
  return signature.set(TICK, { fields: [] });
}

interface Prepared {
  rule: MonitorRule;
  program: Program | undefined;
  /** undefined: it hears of everything, from the beginning on */
  hears: ReadonlySet<string> | undefined;
  brief: Brief | undefined;
}

/** One run: a monitor for each rule, made when it could first say or remember something. */
interface Trace {
  monitors: (Monitor | undefined)[];
  clock: Clock;
  run: string;
  cell: string;
  /** of the last observation, as it was reported */
  time: number;
}

/** All rules of a set as one detector. */
export class Monitors implements Detector {
  readonly name: string;
  readonly #rules: readonly Prepared[];
  /** category → rules that must hear of it */
  readonly #byCategory = new Map<string, readonly number[]>();
  readonly #ticking: readonly number[];
  readonly #runs = new Map<string, Trace>();
  #signature: Signature | undefined;
  #lost = 0;

  /** @throws FormulaError where a formula is none; one whose rule has a `brief` is looked at later */
  constructor(name: string, rules: readonly MonitorRule[]) {
    this.name = name;
    this.#rules = rules.map((rule) => this.#prepared(rule));
    this.#ticking = this.#rules.flatMap(({ program, hears }, index) =>
      (program?.predicates ?? hears)?.has(TICK) ? [index] : [],
    );
  }

  #prepared(rule: MonitorRule): Prepared {
    const { brief } = rule;
    if (brief) return { rule, brief, program: undefined, hears: new Set(brief.hears) };
    const program = this.#compile(rule);
    return { rule, program, brief: program.brief, hears: program.canSkip ? program.predicates : undefined };
  }

  #compile({ formula, externals }: MonitorRule): Program {
    this.#signature ??= observationSignature();
    return new Program(formula, { signature: this.#signature, externals });
  }

  #concernedBy(category: string): readonly number[] {
    let concerned = this.#byCategory.get(category);
    if (!concerned) {
      concerned = this.#rules.flatMap(({ hears }, index) => (hears?.has(category) === false ? [] : [index]));
      this.#byCategory.set(category, concerned);
    }
    return concerned;
  }

  observe(observation: Observation, report: Report): void {
    const concerned = this.#concernedBy(observation.category);
    if (concerned.length === 0) return;
    const trace = this.#traceOf(observation);
    trace.time = observation.time;
    const now = trace.clock.at(observation.time);
    const facts = [{ name: observation.category, fields: observation.fields, cites: observation.cites }];
    for (const index of concerned) {
      if (this.#isDormant(trace, index, observation)) continue;
      const solutions = this.#monitorOf(trace, index).step(now, facts);
      for (const solution of solutions) report(this.#detection(index, solution, trace));
    }
  }

  tick(time: number, report: Report): void {
    this.#ask(report, (trace) => trace.clock.at(time));
  }

  end(report: Report): void {
    this.#ask(report, (trace, { settle = 0 }) => trace.clock.now + settle);
  }

  lost(): number {
    let lost = this.#lost;
    this.#lost = 0;
    for (const { clock, monitors } of this.#runs.values()) {
      lost += clock.setBack;
      clock.setBack = 0;
      for (const monitor of monitors) lost += monitor?.lost() ?? 0;
    }
    return lost;
  }

  #ask(report: Report, when: (trace: Trace, rule: MonitorRule) => number): void {
    for (const trace of this.#runs.values()) {
      for (const index of this.#ticking) {
        const { rule } = this.#rules[index] as Prepared;
        if (this.#isDormant(trace, index, { category: TICK, fields: {} })) continue;
        const time = when(trace, rule);
        for (const solution of this.#monitorOf(trace, index).step(time, [
          { name: TICK, fields: {}, cites: [] },
        ])) {
          trace.time = time;
          report(this.#detection(index, solution, trace));
        }
      }
    }
  }

  #traceOf({ run, cell, time }: Observation): Trace {
    const known = this.#runs.get(run);
    if (known) {
      // to the end: the first is the one that was quiet longest
      if (this.#runs.size > 1) {
        this.#runs.delete(run);
        this.#runs.set(run, known);
      }
      return known;
    }
    if (this.#runs.size >= RUNS) {
      const [oldest] = this.#runs.keys();
      this.#runs.delete(oldest as string);
      this.#lost += 1;
    }
    const trace: Trace = { monitors: [], clock: new Clock(), run, cell, time };
    this.#runs.set(run, trace);
    return trace;
  }

  #isDormant(
    { monitors }: Trace,
    index: number,
    observation: { category: string; fields: Observation['fields'] },
  ): boolean {
    if (monitors[index]) return false;
    const { rule, brief } = this.#rules[index] as Prepared;
    return brief ? !brief.wakes.some((wake) => isWokenBy(wake, observation, rule.externals)) : false;
  }

  #monitorOf(trace: Trace, index: number): Monitor {
    const known = trace.monitors[index];
    if (known) return known;
    const prepared = this.#rules[index] as Prepared;
    prepared.program ??= this.#compile(prepared.rule);
    const made = prepared.program.monitor();
    trace.monitors[index] = made;
    return made;
  }

  #detection(index: number, { values, cites }: Solution, { run, cell, time }: Trace): Detection {
    const { rule } = this.#rules[index] as Prepared;
    const named = rule.key ?? Object.keys(values);
    const key = named.map((name) => JSON.stringify(values[name] ?? '')).join();
    return { rule: rule.info, text: fill(rule.text, values), cites, time, key, run, cell };
  }
}

/** One rule as a detector. @throws FormulaError */
export const compileMonitor = (rule: MonitorRule): Detector => new Monitors(rule.info.id, [rule]);

/** What a text says of some values. */
export function fill(text: string, values: Readonly<Record<string, Value>>): string {
  return text.replace(/\{([A-Za-z][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return whole;
    const shown = String(value);
    return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}…` : shown;
  });
}
