/**
 * A run watched while it goes on: its events in, findings and what is to be done about them out.
 *
 * @module
 */
import { readFileSync, readlinkSync } from 'node:fs';
import {
  type Context,
  type Contract,
  type EventBody,
  type FindingResponse,
  type LedgerEvent,
  needsGateway,
} from '../../contract/index.ts';
import { wallClock } from '../../ledger/index.ts';
import {
  type Clocks,
  computeDetectors,
  cpuOf,
  type Detector,
  type Finding,
  isScript,
  type LookUp,
  Pace,
  Pressure,
  type Setting,
  Watch,
  type WatchRule,
  watchersOf,
} from '../../watch/index.ts';
import { installation } from '../installation.ts';
import type { CampaignInput, campaignLink } from './campaign-link.ts';
import { readOwnRules } from './own-rules.ts';

export interface WatchingOptions {
  contract: Contract;
  setting: Setting;
  /** what the run executes; absent: not known */
  command?: readonly string[];
  /** what it needs to be seen among other runs */
  campaigns?: Omit<CampaignInput, 'contract'>;
  /** what looks for it there; needed where the contract needs a gateway */
  link?: typeof campaignLink | undefined;
  record: (body: EventBody, context: Context | undefined) => number | undefined;
  respond: (response: FindingResponse, finding: Finding, matter: string) => void;
  /** something of the watch failed: what it would have found is not known */
  fail: (sensor: string, reason: string, count: number) => void;
  /** events come faster than they are judged: the last one was judged so late (µs) */
  overload: (delay: number) => void;
  clocks?: Clocks;
}

/** Milliseconds between looks at what did not happen. */
const TICK = 1000;
/** A run that lasts so long (ms) will have scripts; those that end before need not load what reads and judges them. */
const LASTING = 100;

export class Watching {
  readonly #watch: Watch;
  readonly #ticker: NodeJS.Timeout;
  #preparing: NodeJS.Timeout | undefined;
  readonly #fail: WatchingOptions['fail'];
  readonly #overload: WatchingOptions['overload'];
  readonly #pace: Pace;
  readonly #clocks: Clocks;
  /** the rules that come with this installation, in words, with the digest of their files */
  readonly own: readonly string[];
  #ended = false;

  /** @param rules of the contract's own folders, beside those of this installation */
  constructor(options: WatchingOptions, rules: readonly WatchRule[] = []) {
    const { contract, setting, record, respond, fail } = options;
    this.#fail = fail;
    this.#overload = options.overload;
    this.#clocks = options.clocks ?? { wall: wallClock(), steady };
    this.#pace = new Pace(this.#clocks);
    const own = readOwnRules(installation().root);
    if (own === undefined) fail('watch: rules', 'dist/rules.json is missing: run scripts/setup.sh', 1);
    this.own = own ? [`${own.rules.length} rules that come with Ringfence, SHA-256 ${own.digest}`] : [];
    // other rules beside them are compiled with them
    const prefilters = rules.length === 0 ? own?.prefilters : undefined;
    const all = [...(own?.rules ?? []), ...rules];
    const { detectors, analysers } = watchersOf(contract, setting, all, prefilters);
    this.#watch = new Watch({
      contract,
      analysers,
      detectors: [...detectors, ...computeDetectors(cpuOf), ...campaignDetectors(options)],
      record,
      respond,
      fail: (part, reason, count) => fail(`watch: ${part}`, reason, count),
      now: () => this.#pace.timeOf(this.#clocks.wall()),
      lookUp,
    });
    this.#watch.prepare();
    this.#ticker = setInterval(() => this.tick(), TICK).unref();
    if (isScript(options.command ?? [])) for (const piece of this.#watch.pieces()) piece();
    else this.#preparing = setTimeout(() => this.#prepare(this.#watch.pieces()), LASTING).unref();
  }

  /** One piece at a time: what happens meanwhile is judged between them. */
  #prepare([first, ...rest]: readonly (() => void)[]): void {
    if (!first || this.#ended) return;
    first();
    this.#preparing = setTimeout(() => this.#prepare(rest)).unref();
  }

  /** Time has passed. */
  tick(): void {
    const back = this.#pace.setBack();
    if (back > 0) this.#fail('clock', `it was set back by ${Math.round(back / 1000)} ms`, 1);
    this.#watch.tick(this.#pace.timeOf(this.#clocks.wall()));
  }

  contextOf(body: EventBody, time: number): Context | undefined {
    try {
      return this.#watch.contextOf(body, time);
    } catch (error) {
      this.#fail('watch: attribution', (error as Error).message, 1);
      return undefined;
    }
  }

  observe(event: LedgerEvent, time: number): void {
    try {
      const delay = this.#pace.overload(time);
      this.#watch.observe(event, this.#pace.timeOf(time));
      if (delay > 0) this.#overload(delay);
    } catch (error) {
      // an event that cannot be read is not judged, and said to be so; the others are
      this.#fail('watch', (error as Error).message, 1);
    }
  }

  /** To be called once, before the record's last event. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#preparing);
    this.#watch.end();
  }
}

/** What looks at a run in the light of its own past and of other runs. */
function campaignDetectors({ contract, campaigns, link }: WatchingOptions): Detector[] {
  if (!campaigns) return [];
  const pressure = new Pressure(contract.objective.success?.run);
  if (!needsGateway(contract)) return [pressure];
  if (!link) throw new Error('what sees a run among others is not loaded');
  return [pressure, link({ contract, ...campaigns }, pressure)];
}

/** Monotonic. `performance` would load a module of its own, which takes longer than all that is asked of it. */
const steady = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
};

/** A process of the cell as the host's kernel has it; undefined where it is gone. See proc_pid_stat(5). */
const lookUp: LookUp = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return {
      parent: Number.isNaN(parent) ? undefined : parent,
      image: readlinkSync(`/proc/${pid}/exe`),
      arguments: words,
    };
  } catch {
    return undefined;
  }
};
