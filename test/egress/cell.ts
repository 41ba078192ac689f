/**
 * Runs a command in a cell as a person would, and reads what the record says about it.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventKind, LedgerEvent } from '../../src/contract/index.ts';
import type { Person } from './people.ts';

/** A file that a person's tools lie in on any Linux; version managers of the tester's home are not what is tested. */
const PATH = '/usr/local/bin:/usr/bin:/bin';

export interface Rule {
  host: string;
  port: number;
  protocol?: string;
  bytes?: number;
  connections?: number;
  methods?: string[];
  paths?: string[];
  headers?: string[];
  body?: number | string;
  /** file with authorities for upstream, PEM */
  ca?: string;
}

export interface Terms {
  network: Rule[];
  packages?: { ecosystem: string; from: string; only: string | string[]; ca?: string }[];
  approve?: string[];
  objective?: Record<string, unknown>;
  /** name of the contract's file, where several runs are of one contract */
  contract?: string;
  resolve?: Record<string, string[]>;
  environment?: Record<string, string>;
  on?: Record<string, string>;
  time?: string;
  secrets?: Record<string, Record<string, unknown>>;
  files?: Record<string, unknown>;
  /** what the person who starts it has in the environment besides */
  outside?: Record<string, string>;
}

export interface Ended {
  status: number | null;
  out: string;
  err: string;
  /** the run record */
  record: {
    run?: string;
    reason: string;
    exit: { status: number };
    flows: Event<'flow.open'>[];
    denials: Event<'denial'>[];
    violations: Event<'violation' | 'tampering'>[];
    totals: Record<string, number>;
  };
  /** all of `log show --json` */
  events: LedgerEvent[];
  ms: number;
}

export type Event<Kind extends EventKind> = Extract<LedgerEvent, { kind: Kind }>;

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** resolves when the program inside has written this */
  said(text: string): Promise<void>;
}

/** A project folder and a home of one person. */
export class Project {
  readonly person: Person;
  readonly root: string;
  readonly folder: string;
  #runs = 0;

  constructor(person: Person) {
    this.person = person;
    this.root = mkdtempSync(join(tmpdir(), 'ringfence-egress-'));
    chmodSync(this.root, 0o755);
    this.folder = join(this.root, 'project');
    for (const folder of [this.folder, join(this.root, 'home')]) {
      mkdirSync(folder);
      if (person.ids) chownSync(folder, person.ids.uid, person.ids.gid);
    }
    const inside = join(import.meta.dirname, 'inside');
    for (const name of readdirSync(inside)) copyFileSync(join(inside, name), join(this.folder, name));
  }

  /** Copies a file into the project. */
  add(from: string, name: string): void {
    copyFileSync(from, join(this.folder, name));
  }

  /** Starts a command under a contract with these terms. */
  start(terms: Terms, command: readonly string[]): Running {
    this.#runs += 1;
    const contract = join(this.root, `${terms.contract ?? `contract-${this.#runs}`}.yaml`);
    const json = join(this.root, 'home', `record-${this.#runs}.json`);
    const { network, packages = [], resolve = {}, environment = {}, secrets, files, outside } = terms;
    const { on, approve = [], time = '40s' } = terms;
    const whole = {
      ringfence: 1,
      name: 'egress',
      files: { workspace: this.folder, ...files },
      network,
      ...(packages.length > 0 && { packages }),
      resolve,
      environment: { set: environment },
      compute: { time },
      ...((on || approve.length > 0) && { oversight: { ...(on && { on }), approve } }),
      ...(secrets && { secrets }),
      ...(terms.objective && { objective: terms.objective }),
    };
    writeFileSync(contract, JSON.stringify(whole)); // JSON is YAML
    const begun = performance.now();
    const words = [this.person.ringfence, 'run', '--contract', contract, '--json', json, '--', ...command];
    const [program = '', ...rest] = [...this.person.prefix, ...words];
    const child = spawn(program, rest, {
      cwd: this.folder,
      env: { ...this.#environment(), ...outside },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      err += data.toString();
    });
    const closed = new Promise<number | null>((done, failed) => {
      child.on('error', failed);
      child.on('close', done);
    });
    const said = (text: string) =>
      new Promise<void>((done, failed) => {
        const look = () => {
          if (out.includes(text)) done();
        };
        look();
        child.stdout.on('data', look);
        closed.then(
          (status) =>
            failed(new Error(`it ended with ${status} without "${text}": ${out.slice(-2000)}${err}`)),
          failed,
        );
      });
    const ended = closed.then((status): Ended => {
      const ms = performance.now() - begun;
      const record = this.#record(json, status, err);
      return { status, out, err, ms, record, events: this.#events(record.run) };
    });
    ended.catch(() => {}); // whoever awaits it sees it
    return { child, ended, said };
  }

  async run(terms: Terms, ...command: string[]): Promise<Ended> {
    return await this.start(terms, command).ended;
  }

  /** Another command of the program, such as `log show`. */
  ringfence(...words: string[]): string {
    const [program = '', ...rest] = [...this.person.prefix, this.person.ringfence, ...words];
    return execFileSync(program, rest, {
      cwd: this.folder,
      env: this.#environment(),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 20_000,
    });
  }

  remove(): void {
    // the overlay of a run that was killed leaves a folder that nobody may enter
    execFileSync('chmod', ['-R', 'u+rwX', this.root]);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  #record(path: string, status: number | null, err: string): Ended['record'] {
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as Ended['record'];
    } catch {
      // killed, or nothing ran: there is no record, and a test that expects one says what was printed
      const reason = `no record, exit ${status}: ${err}`;
      return { reason, exit: { status: status ?? -1 }, flows: [], denials: [], violations: [], totals: {} };
    }
  }

  #events(run: string | undefined): LedgerEvent[] {
    const text = this.ringfence('log', 'show', '--json', ...(run === undefined ? [] : [run]));
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerEvent);
  }

  #environment(): Record<string, string> {
    return { PATH, HOME: join(this.root, 'home'), LANG: 'C.UTF-8' };
  }
}

/** The events of one kind. */
export function ofKind<Kind extends EventKind>(events: readonly LedgerEvent[], kind: Kind): Event<Kind>[] {
  return events.filter((event): event is Event<Kind> => event.kind === kind);
}
