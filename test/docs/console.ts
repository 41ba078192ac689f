/**
 * Runs the console blocks of a Markdown page: what a reader would type, and whether it prints what the page shows.
 *
 * Blocks ```` ```console ```` hold `$ COMMAND` lines and what they print, both streams together. A block whose fence
 * names a file (```` ```json package.json ````) is written to that file first. Everything on a page happens in one folder;
 * `cd` lasts. Output is compared line by line and in order, but lines may be left out, `…` at the end stands for the rest of a
 * line, and what differs from run to run (ids, times, process ids, folders) is made equal.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** Home of the person in the pages. */
const SHOWN_HOME = '/home/ana';
const ROOT = resolve(import.meta.dirname, '../..');

export interface Command {
  /** line of the page, counted from 1 */
  line: number;
  command: string;
  expected: string[];
}

export type Block =
  | { kind: 'file'; line: number; path: string; text: string }
  | { kind: 'console'; line: number; commands: Command[] };

/** The blocks of a page that can be run, in order. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^```(\w+)(?: (\S+))?$/.exec(lines[at] as string);
    if (!fence) continue;
    const line = at + 1;
    const body: string[] = [];
    for (at += 1; at < lines.length && lines[at] !== '```'; at += 1) body.push(lines[at] as string);
    if (fence[1] === 'console') blocks.push({ kind: 'console', line, commands: readCommands(body, line) });
    else if (fence[2] !== undefined)
      blocks.push({ kind: 'file', line, path: fence[2], text: `${body.join('\n')}\n` });
  }
  return blocks;
}

function readCommands(body: readonly string[], line: number): Command[] {
  const commands: Command[] = [];
  for (const [index, text] of body.entries()) {
    if (text.startsWith('$ '))
      commands.push({ line: line + index + 1, command: text.slice(2), expected: [] });
    else if (text !== '') {
      const last = commands.at(-1);
      if (!last) throw new Error(`line ${line + index + 1}: output before a command`);
      last.expected.push(text);
    }
  }
  return commands;
}

/** Makes equal what differs between two runs of the same command. */
export function normalise(text: string): string {
  return text
    .replace(/\b\d{8}-\d{6}-[0-9a-f]{6}\b/g, 'RUN')
    .replace(/\bRUN:\d+/g, 'RUN:N')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIMESTAMP')
    .replace(/\bTIMESTAMP \d+/g, 'TIMESTAMP N')
    .replace(/\b\d+(\.\d+)?(ms|µs|s)\b/g, 'TIME')
    .replace(/\(pid \d+\)/g, '(pid N)')
    .replace(/limits supervised: .*/, 'limits supervised: SOME')
    .replace(/^bash: (line \d+: )?/, 'bash: ');
}

/** The first expected line that does not come, in order; undefined where all do. */
export function firstMissing(expected: readonly string[], actual: readonly string[]): string | undefined {
  let at = 0;
  for (const line of expected) {
    const wanted = normalise(line);
    const open = wanted.endsWith('…');
    const found = actual.findIndex((candidate, index) => {
      if (index < at) return false;
      const text = normalise(candidate);
      return open ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
    });
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

/** A page being followed: a home with a secret in it, a project folder, `ringfence` on PATH. */
export class Reader {
  readonly #root: string;
  readonly #home: string;
  #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** @param project folder below the home that the page's commands start in */
  constructor(project: string) {
    this.#root = mkdtempSync(join(tmpdir(), 'ringfence-page-'));
    this.#home = join(this.#root, 'home');
    this.#folder = join(this.#home, project);
    mkdirSync(this.#folder, { recursive: true });
    mkdirSync(join(this.#home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(this.#home, '.ssh/id_ed25519'), 'a key that must not be seen\n');
    const { PATH = '/usr/local/bin:/usr/bin:/bin' } = process.env;
    this.#environment = {
      PATH: [ROOT, ...PATH.split(delimiter)].join(delimiter),
      HOME: this.#home,
      LANG: 'C.UTF-8',
      XDG_RUNTIME_DIR: join(this.#root, 'run'),
      USER: 'ana',
    };
    mkdirSync(join(this.#root, 'run'), { mode: 0o700 });
  }

  get folder(): string {
    return this.#folder;
  }

  write(path: string, text: string): void {
    const full = join(this.#folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
  }

  /** Types a command; what it prints on both streams, with the home as the page shows it. */
  type(command: string): string[] {
    const marker = '--- folder: ';
    const result = spawnSync('sh', ['-c', `{ ${command}\n} 2>&1; printf '\\n%s%s\\n' '${marker}' "$PWD"`], {
      cwd: this.#folder,
      env: this.#environment,
      encoding: 'utf8',
      input: '',
      timeout: 50_000,
    });
    if (result.error) return [`${command}: ${result.error.message}`, ...`${result.stdout}`.split('\n')];
    const lines = `${result.stdout}${result.stderr}`.replaceAll(this.#home, SHOWN_HOME).split('\n');
    const where = lines.findLast((line) => line.startsWith(marker))?.slice(marker.length);
    if (where) this.#folder = where.replace(SHOWN_HOME, this.#home);
    return lines.filter((line) => !line.startsWith(marker));
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
