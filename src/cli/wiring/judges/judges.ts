/**
 * Judges of a run: each act is asked about once by each judge that is for it, and every question ends on record, as a score
 * or as a failure. What they say becomes findings where everything else does: by the event that records it.
 *
 * @module
 */
import { constants } from 'node:os';
import {
  type Context,
  type Contract,
  type EventBody,
  isJudgeResult,
  type JudgeFailure,
  type JudgeResult,
  type JudgeRule,
  type LedgerEvent,
  type OnFailedJudge,
} from '../../../contract/index.ts';
import type { ChangedText } from '../../../watch/index.ts';
import { type Act, Acts, boundAct, changesAct } from '../../../watch/judge/index.ts';
import { type JudgeProcess, type JudgeProcessOptions, startJudgeProcess } from './process.ts';

export type Judgement = Extract<EventBody, { kind: 'judgement' }>;

export interface JudgesOptions extends Pick<JudgeProcessOptions, 'launcher' | 'judges'> {
  contract: Contract;
  /** takes what must not leave out of an act, before anything of it is cut: half a secret has no shape */
  redact: (act: Act['what'] & object) => Act['what'];
  record: (body: Judgement, context: Context | undefined) => void;
  /** called after the failure is on record */
  onFailed: (action: OnFailedJudge, judgement: Judgement) => void;
}

const { SIGHUP, SIGINT, SIGQUIT, SIGTERM } = constants.signals;
const ENDING = new Set<number>([SIGHUP, SIGINT, SIGQUIT, SIGTERM]);

/** Questions under way; what is asked beyond them fails. */
const MOST_OPEN = 256;
/** Failures of one judge and kind that are listed one by one; the rest are counted. */
const LISTED = 16;
/** Milliseconds beyond a judge's own time: then its process is not answering. */
const GRACE = 5000;

interface Open {
  index: number;
  act: Act;
  omitted: number;
  late: NodeJS.Timeout;
}

export class Judges {
  readonly #options: JudgesOptions;
  readonly #rules: readonly JudgeRule[];
  readonly #process: JudgeProcess;
  readonly #acts = new Acts();
  readonly #open = new Map<number, Open>();
  readonly #failures = new Map<string, { last: Judgement; listed: number; more: number }>();
  #last = 0;
  #gone: string | undefined;
  #settled = () => {};

  constructor(options: JudgesOptions) {
    this.#options = options;
    this.#rules = options.contract.oversight.judges;
    this.#process = startJudgeProcess({
      ...options,
      onAnswer: ({ ask, ...result }) => this.#end(ask, readResult(result)),
      onGone: (why) => {
        this.#gone = why;
        for (const ask of [...this.#open.keys()]) this.#end(ask, failure('gone', why));
      },
    });
  }

  /** To be called with each event of the run, in order. */
  see(event: LedgerEvent): void {
    const act = this.#acts.of(event);
    if (act) this.#judge(act);
  }

  /**
   * The run has ended: what it left is asked about, and all that is still open is waited for, which no answer can make last
   * longer than the judges' own time.
   */
  async end(changes: () => readonly ChangedText[]): Promise<void> {
    if (this.#rules.some(({ of }) => of.includes('changes'))) {
      const act = changesAct(changes());
      if (act) this.#judge(act);
    }
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
      if (this.#open.size === 0) resolve();
    });
    for (const { last, more } of this.#failures.values())
      if (more > 0) this.#options.record({ ...last, about: [], count: more }, undefined);
    await this.#process.stop();
  }

  /** Whoever asks the run to end after its program has does not want to wait: what is open has failed. */
  signal(number: number): void {
    if (!ENDING.has(number)) return;
    for (const ask of [...this.#open.keys()]) this.#end(ask, failure('timeout', 'nobody waited for it'));
  }

  /** Nothing ran: nobody waits for anything. */
  async stop(): Promise<void> {
    for (const { late } of this.#open.values()) clearTimeout(late);
    this.#open.clear();
    await this.#process.stop();
  }

  #judge(act: Act): void {
    for (const [index, rule] of this.#rules.entries())
      if (rule.of.includes(act.of)) this.#ask(index, rule, act);
  }

  #ask(index: number, { timeout }: JudgeRule, act: Act): void {
    const { act: text, cut } = boundAct(this.#options.redact(act.what));
    const ask = this.#last;
    this.#last += 1;
    const late = setTimeout(
      () => this.#end(ask, failure('timeout', 'its process does not answer')),
      timeout + GRACE,
    );
    this.#open.set(ask, { index, act, omitted: cut, late });
    if (this.#gone !== undefined) this.#end(ask, failure('gone', this.#gone));
    else if (this.#open.size > MOST_OPEN)
      this.#end(ask, failure('busy', `${MOST_OPEN} questions are open already`));
    else this.#process.ask({ ask, judge: index, of: act.of, act: text, cut });
  }

  #end(ask: number, result: JudgeResult): void {
    const open = this.#open.get(ask);
    const rule = open && this.#rules[open.index];
    if (!open || !rule) return;
    this.#open.delete(ask);
    clearTimeout(open.late);
    const { act, index, omitted } = open;
    const { status, ms, usage, cost } = result;
    const judgement: Judgement = {
      kind: 'judgement',
      ...{ judge: rule.name, provider: rule.provider, model: rule.model, of: act.of, about: act.about },
      ...(result.ok
        ? { score: result.score, reason: result.reason }
        : { failed: result.why, detail: result.detail, action: rule.on.failed }),
      ...{ threshold: rule.threshold, hazard: rule.hazard, level: rule.level },
      ...(omitted > 0 && { omitted }),
      ...(status !== undefined && { status }),
      ...(ms > 0 && { ms }),
      ...(usage && { usage }),
      ...(cost !== undefined && { cost }),
      clause: `oversight.judges[${index}]`,
    };
    if (result.ok) this.#options.record(judgement, act.context);
    else {
      this.#fail(judgement, act.context);
      this.#options.onFailed(rule.on.failed, judgement);
    }
    if (this.#open.size === 0) this.#settled();
  }

  #fail(judgement: Judgement, context: Context | undefined): void {
    const key = `${judgement.judge} ${judgement.failed}`;
    const known = this.#failures.get(key) ?? { last: judgement, listed: 0, more: 0 };
    this.#failures.set(key, known);
    known.last = judgement;
    if (known.listed >= LISTED) {
      known.more += 1;
      return;
    }
    known.listed += 1;
    this.#options.record(judgement, context);
  }
}

const failure = (why: JudgeFailure, detail: string): JudgeResult => ({ ok: false, why, detail, ms: 0 });

/** The process reads hostile answers: what it says is taken in one form alone. */
const readResult = (result: unknown): JudgeResult =>
  isJudgeResult(result) ? result : failure('form', 'its process said what is no answer');
