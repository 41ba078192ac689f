/**
 * Watch: sees each event of a run as it is recorded, lets every detector judge it at once, and says what was found and
 * what is to be done. One for each run; it knows no clock but the one that it is given, and no channel.
 *
 * @module
 */
import type { Context, Contract, EventBody, FindingResponse, LedgerEvent } from '../../contract/index.ts';
import type { Analyser } from '../analyser.ts';
import { Attribution } from '../attribution/index.ts';
import type { Detection, Detector } from '../detector.ts';
import type { Observation } from '../observation.ts';
import { type LookUp, Observer } from '../observe/index.ts';
import { includes, responseTo } from '../respond/index.ts';
import { type Matter, Matters, matterName } from './matters.ts';
import { type Mark, Trail } from './trail.ts';

export type Finding = Extract<EventBody, { kind: 'finding' }>;

export interface WatchOptions {
  contract: Contract;
  detectors: readonly Detector[];
  analysers?: readonly Analyser[];
  /** puts a finding on record; returns its number, undefined where there is no record any more */
  record: (finding: Finding, context: Context | undefined) => number | undefined;
  /**
   * called after the finding is on record, at once; where somebody is asked, also each time that the same `matter` shows again,
   * because the answer may have been for once
   */
  respond: (response: FindingResponse, finding: Finding, matter: string) => void;
  /** something of the watch itself failed, or had to forget: it is not known what it would have found */
  fail: (part: string, reason: string, count: number) => void;
  /** microseconds since 1970 */
  now: () => number;
  lookUp?: LookUp;
}

export class Watch {
  readonly observer: Observer;
  readonly #attribution: Attribution;
  readonly #options: WatchOptions;
  readonly #trail = new Trail();
  readonly #matters = new Matters((command, effect) => this.#isSameAct(command, effect));
  #detectors: readonly Detector[];
  #analysers: readonly Analyser[];
  #time = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.observer = new Observer({ lookUp: options.lookUp });
    this.#attribution = new Attribution(this.observer.processes);
    this.#detectors = options.detectors;
    this.#analysers = options.analysers ?? [];
  }

  /** To be called before the run begins: what is compiled now, the first event need not wait for. */
  prepare(): void {
    for (const detector of this.#detectors)
      if (detector.prepare) this.#guard(detector, () => detector.prepare?.());
  }

  /**
   * What many runs never need, and takes longer to make ready than an answer may: to be called one by one, before scripts
   * come or while nothing else does. Each does nothing where it was needed before, or its part failed.
   */
  pieces(): readonly (() => void)[] {
    const all: (() => void)[] = [];
    for (const analyser of this.#analysers)
      for (const piece of analyser.pieces?.() ?? [])
        all.push(() => {
          if (this.#analysers.includes(analyser)) this.#ask(analyser, piece);
        });
    for (const detector of this.#detectors)
      for (const piece of detector.pieces?.() ?? [])
        all.push(() => {
          if (this.#detectors.includes(detector)) this.#guard(detector, piece);
        });
    return all;
  }

  /** What caused an event that is about to be recorded; undefined where that is not known. */
  contextOf(body: EventBody, time: number): Context | undefined {
    return this.#attribution.contextOf(body, time);
  }

  /**
   * Judges an event. To be called once for each, in the order of the record, findings of its own left out.
   *
   * @param time microseconds since 1970
   */
  observe(event: LedgerEvent, time: number): void {
    if (event.kind === 'finding') return;
    // sources report on their own; what is judged never goes back
    if (time > this.#time) this.#time = time;
    this.#trail.hear(event);
    this.#consider(event, this.observer.observe(event, this.#time));
  }

  /**
   * Judges what a sensor elsewhere saw; `event` is the same as our own supervisor would tell it, where there is such an event:
   * analysers read it, and it keeps the table of processes.
   */
  hear(observation: Observation, event?: LedgerEvent): void {
    if (observation.time > this.#time) this.#time = observation.time;
    const observed = this.#inOrder(observation);
    if (event) {
      this.#trail.hear(event);
      this.observer.observe(event, this.#time);
      this.#consider(event, [observed]);
    } else this.#judge(observed);
  }

  #consider(event: LedgerEvent, observations: Observation[]): void {
    const add = (observation: Observation) => observations.push(this.#inOrder(observation));
    if (this.#analysers.length > 0) {
      const history = {
        contract: this.#options.contract,
        processes: this.observer.processes,
        time: this.#time,
        observations: [...observations],
      };
      for (const analyser of this.#analysers)
        this.#ask(analyser, () => analyser.observe(event, add, history));
    }
    for (const observation of observations) this.#judge(observation);
  }

  /** Time has passed without an event. */
  tick(time: number): void {
    if (time > this.#time) this.#time = time;
    for (const detector of this.#detectors)
      if (detector.tick) this.#guard(detector, () => detector.tick?.(this.#time, this.#report));
    this.#tellLosses();
  }

  /** The run is over: nothing more will come. What was seen again and again is told once. */
  end(): void {
    const last = (observation: Observation) => this.#judge(this.#inOrder(observation));
    for (const analyser of this.#analysers) if (analyser.end) this.#ask(analyser, () => analyser.end?.(last));
    for (const detector of this.#detectors)
      if (detector.end) this.#guard(detector, () => detector.end?.(this.#report));
    this.#tellLosses();
    for (const { first, again, cites } of this.#matters.repeated()) {
      const all = [...new Set(cites)].toSorted((a, b) => a - b);
      const finding = this.#finding({ ...first, cites: all }, this.#trail.of(first.cites));
      this.#options.record({ ...finding, text: `${finding.text} (again)`, count: again }, undefined);
    }
  }

  /** Detectors see time go on, never back. */
  #inOrder(observation: Observation): Observation {
    return observation.time === this.#time ? observation : { ...observation, time: this.#time };
  }

  #ask(analyser: Analyser, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#analysers = this.#analysers.filter((other) => other !== analyser);
      this.#options.fail(nameOf(analyser), reasonOf(error), 1);
    }
  }

  #judge(observation: Observation): void {
    for (const detector of this.#detectors) {
      try {
        detector.observe(observation, this.#report);
      } catch (error) {
        this.#failed(detector, error);
      }
    }
  }

  #guard(detector: Detector, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#failed(detector, error);
    }
  }

  /** What failed once is not asked again: its state is worth nothing. */
  #failed(detector: Detector, error: unknown): void {
    this.#detectors = this.#detectors.filter((other) => other !== detector);
    this.#options.fail(nameOf(detector), reasonOf(error), 1);
  }

  #tellLosses(): void {
    const { fail } = this.#options;
    const tell = (part: string, count: number) => {
      if (count > 0) fail(part, 'it had to forget to stay within its bounds', count);
    };
    tell('observer', this.observer.lost());
    for (const part of [...this.#analysers, ...this.#detectors]) tell(nameOf(part), part.lost?.() ?? 0);
  }

  readonly #report = (detection: Detection): void => {
    const admitted = this.#matters.admit(detection, this.#trail.hasWord(detection.cites));
    if (admitted.news === 'none') {
      // the effect of what was asked about already is no new question
      if (!admitted.isEffect) this.#again(detection);
    } else if (admitted.news === 'first') this.#found(admitted.matter);
    else this.#answer(admitted.matter);
  };

  #nameOf(detection: Detection): string {
    return matterName(detection, this.#trail.hasWord(detection.cites));
  }

  /** Whether what shows an effect was done by a process that gave the command, or by one below it. */
  #isSameAct(command: readonly number[], effect: readonly number[]): boolean {
    const by = this.#trail.of(effect).pid;
    if (by === undefined) return false;
    const gave = new Set(command.map((seq) => this.#trail.of([seq]).pid));
    if (gave.has(by)) return true;
    for (const { pid } of this.observer.processes.ancestors(by)) if (gave.has(pid)) return true;
    return false;
  }

  /** A rule that finds ever new matters fills no record, and each is answered all the same. */
  #answer({ first }: Matter): void {
    const finding = this.#finding(first, this.#trail.of(first.cites));
    if (finding.response && includes(finding.response, 'ask'))
      this.#options.respond(finding.response, finding, this.#nameOf(first));
  }

  /** An answer may have been for once. */
  #again(detection: Detection): void {
    if (responseTo(this.#options.contract, detection.rule.level) !== 'ask') return;
    const finding = this.#finding(detection, this.#trail.of(detection.cites));
    this.#options.respond('ask', finding, this.#nameOf(detection));
  }

  #found(matter: Matter): void {
    const { record, respond } = this.#options;
    const mark = this.#trail.of(matter.first.cites);
    const finding = this.#finding(matter.first, mark);
    matter.seq = record(finding, mark.context);
    if (finding.response) respond(finding.response, finding, this.#nameOf(matter.first));
  }

  #finding({ rule, text, cites, time, campaign }: Detection, mark: Mark): Finding {
    const response = responseTo(this.#options.contract, rule.level);
    const { pid, clause, turn, call } = mark;
    return {
      kind: 'finding',
      rule: rule.id,
      hazard: rule.hazard,
      text,
      cites: [...cites],
      level: rule.level,
      ...(response && { response }),
      ...(clause !== undefined && { clause }),
      ...(rule.techniques.length > 0 && { techniques: [...rule.techniques] }),
      ...(turn !== undefined && { turn }),
      ...(call !== undefined && { call }),
      ...(pid !== undefined && { pid }),
      ...(campaign !== undefined && { campaign }),
      us: Math.max(0, Math.round(this.#options.now() - time)),
    };
  }
}

const nameOf = (part: Detector | Analyser): string => part.name ?? part.constructor.name;
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
