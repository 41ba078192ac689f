/**
 * One run from plan to end: the only place where cell, gateway and ledger meet.
 *
 * @module
 */
import { dirname } from 'node:path';
import { type Launched, launchCell } from '../../cell/supervise/index.ts';
import {
  type Action,
  type Context,
  type EffectiveState,
  type EventBody,
  type FindingResponse,
  type LedgerEvent,
  needsGateway,
  type OnFailedJudge,
  type SupervisorEvent,
} from '../../contract/index.ts';
import {
  type Ledger,
  type LedgerError,
  makeRedactor,
  openLedger,
  type Redactor,
  timeFormatter,
} from '../../ledger/index.ts';
import { brokenPromise, unkeptPromise } from '../../prove/artefacts/plan/index.ts';
import type { Finding, Setting } from '../../watch/index.ts';
import { type ApprovalReply, Approvals } from './approvals.ts';
import { foundWords, notThawed } from './approvals-words.ts';
import { builtFrom } from './built.ts';
import { type ControlInput, type ControlState, GRACE, newControl, stepControl } from './control-machine.ts';
import { acknowledge, DeclaredProcesses } from './declared-process.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import type { Judgement, Judges } from './judges/judges.ts';
import { keyedContent } from './keyed-marks.ts';
import { isBudget, type Outcome } from './outcome.ts';
import { clearRunFolder } from './run-folder.ts';
import { executables, hintFor } from './session-hints.ts';
import type { SessionOptions } from './session-options.ts';
import { DenialCoalescer, Tally } from './tally.ts';
import { makeTranslator } from './translate.ts';
import { WatchFeed } from './watch-feed.ts';

export class Session {
  readonly tally = new Tally();
  /** what the run left, both sides; set before {@link finish} */
  left?: Pick<Required<Setting>, 'changes' | 'tests'> | undefined;
  readonly approvals: Approvals;
  readonly #options: SessionOptions;
  readonly #coalescer = new DenialCoalescer();
  readonly #declared = new DeclaredProcesses();
  readonly #formatTime = timeFormatter();
  readonly #redactor: Redactor;
  readonly #translate: (event: SupervisorEvent) => EventBody | undefined;
  #ledger: Ledger | undefined;
  #cell: Launched | undefined;
  #gateway: GatewayProcess | undefined;
  readonly #watch: WatchFeed;
  #judges: Judges | undefined;
  #gatewayLost = false;
  #neverRan = false;
  /** resolves when everything that comes is judged */
  #watched: Promise<void> | undefined;
  #started: EffectiveState | undefined;
  #built: ReturnType<typeof builtFrom> | undefined;
  /** its start is on record, and so its end must be */
  #announced = false;
  #failure: { problem: string; hint: string } | undefined;
  #done: Extract<SupervisorEvent, { ev: 'done' }> | undefined;
  readonly #control: ControlState;
  #effective: EffectiveState | undefined;
  #grace: NodeJS.Timeout | undefined;
  readonly started = Date.now();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#control = newControl(options.terminal);
    this.approvals = new Approvals({
      contract: options.contract,
      record: (body) => this.record(body),
      flush: async () => {
        // no record is no safe record
        if (!this.#ledger) throw new Error('the record is closed');
        await this.#ledger.flush();
      },
      tell: (order) => this.#gateway?.tell(order),
      notify: options.onQuestion,
      hold: (question) => this.#step({ do: 'ask', question }),
      release: (question, by) => this.#step({ do: 'release', question, by }),
      condemn: () => this.stop('finding', 'once'),
    });
    this.#watch = new WatchFeed({
      contract: options.contract,
      command: options.start.command,
      campaigns: {
        run: options.folder.id,
        key: options.keys.redactionKey,
        workspace: options.contract.files.workspace.mode === 'direct' ? undefined : options.workspace,
      },
      setting: {
        workspace: options.workspace,
        home: options.home,
        standIns: options.standIns,
        changes: () => this.left?.changes?.() ?? [],
        tests: () => this.left?.tests?.() ?? [],
      },
      record: (body, context) => this.record(body, undefined, context),
      respond: (response, finding, matter) => this.#answer(response, finding, matter),
      fail: (sensor, reason, count) => this.#lost(sensor, reason, count),
      overload: (delay) => {
        const [used, max, action] = [Math.round(delay / 1000), 1000, options.contract.oversight.on.overload];
        this.record({ kind: 'limit.reached', limit: 'watch', used, max, action });
        this.#respond(action, 'overload');
      },
    });
    this.#redactor = makeRedactor(options.keys.redactionKey, options.secrets);
    this.#translate = makeTranslator({
      workspace: options.workspace,
      writable: options.writable,
      programs: executables(options.plan),
      own: ['/tmp', '/var/tmp', '/dev', '/proc', options.home],
      readOnly: options.plan.flatMap((operation) =>
        operation[0] === 'bind' && operation[3].split(',').includes('ro') ? [operation[2]] : [],
      ),
      gateway: needsGateway(options.contract),
    });
  }

  /** Runs to the end. The ledger stays open for {@link finish}. */
  async run(): Promise<Outcome> {
    const { folder, plan, keys, secrets } = this.#options;
    // first of all: the launcher waits for its plan while the record is opened
    const ended = new Promise<{ code: number | undefined; signal: string | undefined }>((resolve) => {
      this.#cell = launchCell({
        launcher: this.#options.launcher,
        plan,
        onEvent: (event) => {
          this.#onEvent(event);
          // nothing of the cell is left; what the supervisor still takes down nobody needs to wait for
          if (event.ev === 'done') resolve({ code: 0, signal: undefined });
        },
        onSocket: (name, handle) => this.#gateway?.attach(name, handle),
        onExit: (code, signal) => resolve({ code, signal }),
        onError: (error) => {
          this.#failure = {
            problem: `the launcher ${this.#options.launcher} cannot be started: ${error.code}`,
            hint:
              error.code === 'ENOENT'
                ? 'build it: npm run setup'
                : 'see what this machine gives: ringfence doctor',
          };
          resolve({ code: undefined, signal: undefined });
        },
      });
    });
    try {
      this.#ledger = openLedger({
        dir: folder.ledger,
        run: folder.id,
        cell: folder.id,
        signer: keys.signer,
        redactionKey: keys.redactionKey,
        secrets,
        onFailure: (error) => this.#ledgerFailed(error),
      });
    } catch (error) {
      this.#cell?.send('kill ledger');
      await ended;
      const { message, hint } = error as LedgerError;
      return { contained: false, problem: `${message}; nothing was started`, hint: hint ?? 'check the disk' };
    }
    if (needsGateway(this.#options.contract)) this.#startGateway();
    this.#watched = this.#startWatching();
    // while the launcher is at work
    this.#built = builtFrom(this.#options);
    const exit = await ended;
    clearTimeout(this.#grace);
    this.approvals.close();
    await this.#gateway?.stop();
    return this.#outcome(exit);
  }

  /** Asks the program to end, and ends it where it does not. `by`: who asked for it. */
  stop(reason: string, at: 'once' | 'grace' = 'grace', by?: string): void {
    this.#step({ do: 'stop', reason, at, by });
  }

  /** Passes a signal on to the program; after its end, to what is still waited for. */
  signal(number: number): void {
    if (this.#done) this.#judges?.signal(number);
    this.#step({ do: 'signal', number });
  }

  freeze(by: string): void {
    this.#step({ do: 'freeze', by });
  }

  /** What is asked is answered, not passed over: where that holds it, nothing is done. */
  thaw(by: string): ApprovalReply {
    const { asked } = this.#control.holds;
    if (asked.length > 0) return notThawed(asked);
    this.#step({ do: 'thaw', by });
    return { ok: true, done: 'goes on' };
  }

  /** Freezes the cell as Ctrl-Z asks; when it is still, and the terminal the operator's again, we stop, too. */
  suspend(): void {
    this.#step({ do: 'suspend' });
  }

  /** The end of {@link suspend}; with a terminal only when it is ours again. */
  resume(): void {
    this.#step({ do: 'resume' });
  }

  #step(input: ControlInput): void {
    for (const effect of stepControl(this.#control, input)) {
      if (effect.do === 'record') this.record(effect.body);
      if (effect.do === 'send') this.#cell?.send(effect.command);
      if (effect.do === 'start') this.#start();
      if (effect.do === 'stop-job') this.#options.onSuspended();
      if (effect.do === 'wait') this.#grace = setTimeout(() => this.#step({ do: 'grace' }), GRACE);
    }
  }

  /** @returns the event's number, where it is one of its own */
  record(body: EventBody, time?: number, context?: Context): number | undefined {
    if (!this.#ledger) return undefined;
    if (!this.#coalescer.admit(body)) {
      this.tally.again(body);
      return undefined;
    }
    const event = this.#append(body, time, context);
    if (event) this.tally.add(event);
    return event?.seq;
  }

  /**
   * Closes the record. The change set is what the caller read from the overlay.
   *
   * @returns false: the end could not be recorded
   */
  async finish(
    outcome: Outcome,
    changes: { added: number; changed: number; deleted: number },
  ): Promise<boolean> {
    if (!this.#ledger) return false;
    // judges that are started only now would never be ended
    await this.#watched;
    if (outcome.contained) {
      for (const event of this.#coalescer.rest()) this.#append(event);
      await this.#judges?.end(() => this.left?.changes?.() ?? []);
      this.#watch.end();
      const { exit, reason, incomplete } = outcome;
      this.record({ kind: 'run.stop', exit, reason, changes, ...(incomplete && { incomplete }) });
    } else {
      await this.#judges?.stop();
      this.record({ kind: 'note', text: `nothing was started: ${outcome.problem}` });
      if (this.#announced) this.record({ kind: 'run.stop', exit: {}, reason: 'not started', changes });
    }
    const ledger = this.#ledger;
    this.#ledger = undefined; // a signal that comes now is no event of the run
    const closed = await ledger.close().then(
      () => true,
      (error: LedgerError) => {
        this.#ledgerFailed(error);
        return false;
      },
    );
    clearRunFolder(this.#options.folder);
    return closed;
  }

  /** The event as it was recorded; what is kept of it for the summary and the record holds no secrets either. */
  #append(body: EventBody, time: number = Date.now() * 1000, known?: Context): LedgerEvent | undefined {
    const { id } = this.#options.folder;
    try {
      const context = known ?? this.#watch.contextOf(body, time);
      const seq = this.#ledger?.append(body, time, context) ?? 0;
      const shown = Tally.keeps(body) ? this.#redactor.body(body, JSON.stringify(body)) : body;
      const event = {
        seq,
        time: this.#formatTime(time),
        run: id,
        cell: id,
        ...(context && { context }),
        ...shown,
      } as LedgerEvent;
      this.#watch.see(event, time);
      this.#judges?.see(event);
      return event;
    } catch (error) {
      this.#ledgerFailed(error as LedgerError);
      return undefined;
    }
  }

  /** The program does not start before it is there. */
  async #startWatching(): Promise<void> {
    try {
      await this.#watch.start(dirname(this.#options.start.contract.path));
      const { contract, launcher, judges } = this.#options;
      if (judges)
        this.#judges = new (await import('./judges/judges.ts')).Judges({
          ...{ contract, launcher, judges },
          redact: (act) => this.#redactor.body(act, JSON.stringify(act)),
          record: (body, context) => this.record(body, undefined, context),
          onFailed: (action, judgement) => this.#unjudged(action, judgement),
        });
    } catch (error) {
      const problem = `what watches the run cannot be started: ${(error as Error).message}`;
      const { hint = 'nothing ran; build it anew: npm run setup' } = error as { hint?: string };
      this.#failure ??= { problem, hint };
      this.stop('watch', 'once');
    }
  }

  /** Not everything is seen, or judged: on record, and answered as the contract says. */
  #lost(sensor: string, reason: string, count: number): void {
    this.record({ kind: 'sensor.loss', sensor, reason: this.#redactor.text(reason), count });
    this.#respond(this.#options.contract.oversight.on.loss, 'loss');
  }

  #answer(response: FindingResponse, finding: Finding, matter: string): void {
    if (response === 'ask') {
      const { text, pid } = finding;
      const what = foundWords(finding, this.#redactor.text(text));
      if (!this.approvals.find(matter, what, pid === undefined ? undefined : { pid }))
        this.#options.onFinding({ ...finding, text: `${text} (nobody is asked any more)` });
      return;
    }
    if (response !== 'note') this.#options.onFinding(finding);
    this.#respond(response === 'alert' ? 'note' : response, 'finding');
  }

  /** Of an act nothing is known. After the end there is nothing left to be held. */
  #unjudged(action: OnFailedJudge, judgement: Judgement): void {
    if (action === 'note') return;
    this.#options.onUnjudged(judgement);
    if (action !== 'alert' && !this.#done) this.#respond(action, 'judge');
  }

  #startGateway(): void {
    const { launcher, gateway, packages, tools } = this.#options;
    if (!gateway) return;
    for (const text of packages?.record ?? []) this.record({ kind: 'note', text });
    this.#gateway = startGateway({
      launcher,
      proved: gateway,
      packages,
      tools,
      onEvent: (event, time) => this.#onGatewayEvent(event, time),
      onAsk: (message) => this.approvals.hear(message),
      onFatal: (said) => {
        // it may be a stack with bytes of a request in it
        const reason = this.#redactor.text(said);
        this.#gatewayLost = true;
        this.approvals.close();
        this.record({ kind: 'sensor.loss', sensor: 'gateway', reason, count: 1 });
        this.#failure ??= {
          problem: `the gateway failed: ${reason}`,
          hint: 'see what this machine gives: ringfence doctor',
        };
        this.stop('gateway', 'once');
      },
    });
  }

  #onGatewayEvent(event: EventBody, time: number): void {
    const { on } = this.#options.contract.oversight;
    if (event.kind === 'violation') this.record({ ...event, action: on.violation }, time);
    else if (event.kind === 'tampering') this.record({ ...event, action: on.tampering }, time);
    else if (event.kind === 'limit.reached') this.record({ ...event, action: on.budget }, time);
    else this.record(keyedContent(this.#declared.located(event), this.#options.keys.redactionKey), time);
    acknowledge(event, this.#gateway);
    if (event.kind === 'violation') this.#respond(on.violation, 'violation');
    if (event.kind === 'tampering') this.#respond(on.tampering, 'tampering');
    if (event.kind === 'limit.reached') this.#respond(on.budget, 'budget');
    if (event.kind === 'sensor.loss') this.#respond(on.loss, 'loss');
  }

  #respond(action: Action, reason: string): void {
    const isNews = action === 'freeze' && this.#control.holds.accused === undefined;
    this.#step({ do: 'respond', action, reason });
    if (isNews && this.#control.verdict === undefined) this.#options.onHeld(reason);
  }

  #onEvent(event: SupervisorEvent): void {
    const body = this.#translate(event);
    if (body?.kind === 'tampering') {
      const { tampering } = this.#options.contract.oversight.on;
      this.record({ ...body, action: tampering }, event.t);
      this.#respond(tampering, 'tampering');
    } else if (body) this.record(body, event.t);
    if (event.ev === 'exit') this.approvals.gone(event.pid);
    if (body?.kind === 'sensor.loss') this.#respond(this.#options.contract.oversight.on.loss, 'loss');
    if (event.ev === 'probe' && !event.ok && !this.#started) {
      const what = [...event.changed, ...event.reached.map((name) => `a probe reached ${name}`)].join('; ');
      this.#failure = {
        problem: `the isolation is not what was planned: ${what}; the promise that fails: ${brokenPromise(event.changed, event.reached)}`,
        hint: 'nothing ran; see what this machine gives: ringfence doctor',
      };
    }
    if (event.ev === 'fail') {
      this.#neverRan = true;
      const promise = unkeptPromise(event.stage);
      const problem =
        promise === undefined ? event.text : `${event.text}; the promise that cannot be kept: ${promise}`;
      this.#failure = { problem, hint: hintFor(event.stage, event.code) };
    }
    if (event.ev === 'exec') this.#step({ do: 'executed' });
    // one that failed is no stillness: the supervisor ends the cell, and we see to that instead of stopping
    if (event.ev === 'frozen' && event.ok) this.#step({ do: 'frozen' });
    if (event.ev === 'suspend') this.#step({ do: 'released' });
    if (event.ev === 'resume') this.#step({ do: 'retaken' });
    if (event.ev === 'ready') void this.#begin(event.effective, event.t);
    if (event.ev === 'done') this.#done = event;
  }

  /** The program starts only when it is on record that it starts. */
  async #begin(effective: EffectiveState, time: number): Promise<void> {
    const built = this.#built ?? builtFrom(this.#options);
    this.record({ kind: 'run.start', ...this.#options.start, built, effective }, time);
    this.#announced = true;
    try {
      await Promise.all([this.#ledger?.flush(), this.#watched]);
      if (this.#watch.rules !== '') this.record({ kind: 'note', text: `watched with ${this.#watch.rules}` });
    } catch (error) {
      this.#ledgerFailed(error as LedgerError);
      return;
    }
    this.#effective = effective;
    this.#step({ do: 'recorded' });
  }

  #start(): void {
    this.#started = this.#effective;
    if (this.#started) this.#options.onStart(this.#started);
  }

  #ledgerFailed(error: LedgerError): void {
    this.#failure ??= { problem: error.message, hint: error.hint ?? 'check the disk' };
    this.stop('ledger', 'once');
  }

  #outcome(exit: { code: number | undefined; signal: string | undefined }): Outcome {
    const done = this.#done;
    if (!this.#started && this.#control.interrupted !== undefined) {
      const problem = 'interrupted before the program started';
      return { contained: false, problem, hint: 'nothing ran', signal: this.#control.interrupted };
    }
    if (!this.#started || !done || this.#neverRan) {
      // a set-up that fails after the start is on record: the program did not run all the same
      if (!this.#started || this.#neverRan) {
        const fallback = {
          problem: `the supervisor ended before the program started (${exit.signal ?? exit.code})`,
          hint: 'see what this machine gives: ringfence doctor',
        };
        return { contained: false, ...(this.#failure ?? fallback) };
      }
      this.record({
        kind: 'sensor.loss',
        sensor: 'supervisor',
        reason: `it ended with ${exit.signal ?? exit.code}`,
        count: 1,
      });
      return {
        contained: true,
        exit: { signal: 9 },
        reason: 'supervisor',
        incomplete: true,
        effective: this.#started,
      };
    }
    // the supervisor may notice, and be done, before we hear of it
    if (done.reason === 'gateway' && !this.#gatewayLost) {
      const reason = 'it ended while the run went on';
      this.record({ kind: 'sensor.loss', sensor: 'gateway', reason, count: 1 });
    }
    const ended = {
      ...(done.code !== undefined && { code: done.code }),
      ...(done.signal !== undefined && { signal: done.signal }),
    };
    const own = this.#control.verdict;
    const cause = done.reason && isBudget(done.reason) ? done.reason : (own ?? done.reason);
    return {
      contained: true,
      exit: ended,
      reason: cause === undefined || /^E[A-Z]+$/.test(cause) ? 'ended' : cause,
      incomplete: cause === 'ledger',
      effective: this.#started,
    };
  }

  get failure(): { problem: string; hint: string } | undefined {
    return this.#failure;
  }
}
