/**
 * An automated terminal: a real pty (pty.py) with a terminal emulator behind it that answers what programs ask, so that
 * tests can type, resize, and read what a person would see.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import xterm from '@xterm/headless';
import type { Place } from '../run/place.ts';

const HELPER = join(import.meta.dirname, 'pty.py');

export interface ScreenOptions {
  columns?: number;
  rows?: number;
  env?: Record<string, string>;
}

/** How it ended, as wait(2) has it. */
export interface Ending {
  code: number | undefined;
  signal: number | undefined;
}

export interface Modes {
  canonical: boolean;
  echo: boolean;
  signals: boolean;
}

export class Screen {
  /** everything that was written, as bytes (latin1) */
  bytes = '';
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #emulator: InstanceType<typeof xterm.Terminal>;
  readonly #answers: ((value: Record<string, unknown>) => void)[] = [];
  readonly pid: Promise<number>;

  constructor(place: Place, words: readonly string[], options: ScreenOptions = {}) {
    const { columns = 80, rows = 24 } = options;
    this.#emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const child = spawn('python3', [HELPER, `${columns}`, `${rows}`, ...place.asUser([...words])], {
      cwd: place.project,
      env: place.environment({ TERM: 'xterm-256color', ...options.env }),
      stdio: ['pipe', 'pipe', 'inherit', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdin?.on('error', () => {});
    (child.stdio[3] as Writable).on('error', () => {});
    this.#emulator.onData((answer: string) => child.stdin?.write(answer));
    child.stdout?.on('data', (data: Buffer) => {
      this.bytes += data.toString('latin1');
      this.#emulator.write(data);
    });
    let done: (ending: Ending) => void;
    this.ended = new Promise((resolve) => {
      done = resolve;
    });
    this.pid = this.#next().then(({ pid }) => pid as number);
    let text = '';
    (child.stdio[4] as Readable).on('data', (data: Buffer) => {
      text += data;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const value = JSON.parse(text.slice(0, end)) as Record<string, unknown>;
        text = text.slice(end + 1);
        if ('status' in value) {
          const status = value.status as number;
          done(
            status & 0x7f
              ? { code: undefined, signal: status & 0x7f }
              : { code: status >> 8, signal: undefined },
          );
        } else this.#answers.shift()?.(value);
      }
    });
  }

  #next(): Promise<Record<string, unknown>> {
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  async #ask(order: string): Promise<Record<string, unknown>> {
    (this.#child.stdio[3] as Writable).write(`${order}\n`);
    let deadline: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = setTimeout(
        () => reject(new Error(`the terminal does not answer: ${order}\n${this.text()}`)),
        30_000,
      );
    });
    return await Promise.race([this.#next(), late]).finally(() => clearTimeout(deadline));
  }

  type(text: string | Buffer): void {
    this.#child.stdin?.write(text);
  }

  async resize(columns: number, rows: number): Promise<void> {
    this.#emulator.resize(columns, rows);
    await this.#ask(`size ${columns} ${rows}`);
  }

  /** Of the operator's terminal. */
  async modes(): Promise<Modes> {
    return (await this.#ask('modes')) as unknown as Modes;
  }

  /** What a person sees, without blanks at line ends and empty lines below. */
  text(): string {
    const { active } = this.#emulator.buffer;
    const lines: string[] = [];
    for (let row = 0; row < this.#emulator.rows; row += 1) {
      lines.push(active.getLine(active.viewportY + row)?.translateToString(true) ?? '');
    }
    return lines.join('\n').trimEnd();
  }

  /** Whether a program uses the whole screen (alternate buffer). */
  get full(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  /** Waits until the screen, or with `bytes` all that was written, shows something. */
  async shows(what: RegExp | string, within = 30_000): Promise<string> {
    return await this.#until(
      () => (typeof what === 'string' ? this.text().includes(what) : what.test(this.text())),
      what,
      within,
    );
  }

  async wrote(what: string, times = 1, within = 30_000): Promise<string> {
    return await this.#until(() => this.bytes.split(what).length > times, what, within);
  }

  async #until(holds: () => boolean, what: RegExp | string, within: number): Promise<string> {
    const deadline = performance.now() + within;
    while (!holds()) {
      if (performance.now() > deadline)
        throw new Error(
          `the screen does not show ${what}:\n${this.text()}\n---\n${JSON.stringify(this.bytes.slice(-800))}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.text();
  }

  /** The terminal goes away, as when its window is closed. */
  close(): void {
    this.#child.kill('SIGKILL');
  }
}
