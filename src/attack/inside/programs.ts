/**
 * Starting programs to their end, or to a deadline.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** What is kept of one program's output, unless more is asked for. */
const OUTPUT = 256 * 1024;
/** How long output is waited for once the program has ended: what it left running may hold its end open. */
const DRAIN = 200;

export interface Ended {
  readonly status: number | null;
  /** the beginning of what it printed, to either stream */
  readonly output: string;
  /** the same of its standard output alone */
  readonly out: string;
  /** those of `listenFor` that it printed, however much came before and after */
  readonly said: ReadonlySet<string>;
  readonly ms: number;
}

export interface Starting {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly within: number;
  readonly listenFor?: readonly string[];
  /** called once, when the output has this word */
  readonly when?: { word: string; act: (child: ChildProcess) => void };
  /** bytes of output that are kept */
  readonly keep?: number;
}

/** Finds words in a stream of any length, across the borders of chunks. */
function listener(words: readonly string[], hear: (word: string) => void): (text: string) => void {
  const longest = Math.max(1, ...words.map(({ length }) => length));
  let before = '';
  return (text) => {
    const all = before + text;
    for (const word of words) if (word !== '' && all.includes(word)) hear(word);
    before = all.slice(-(longest - 1) || all.length);
  };
}

/** Runs words to their end. What they start and leave is not ended: whether it is still there is a question of its own. */
export async function start(
  words: readonly string[],
  { cwd, environment, within, when, listenFor = [], keep = OUTPUT }: Starting,
): Promise<Ended> {
  const [program = '', ...rest] = words;
  const began = performance.now();
  const child = spawn(program, rest, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [output, out] = ['', ''];
  const said = new Set<string>();
  for (const stream of [child.stdout, child.stderr]) {
    const listen = listener([...listenFor, ...(when ? [when.word] : [])], (word) => {
      if (!said.has(word) && word === when?.word) when.act(child);
      said.add(word);
    });
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      if (output.length < keep) output += text;
      if (stream === child.stdout && out.length < keep) out += text;
      listen(text);
    });
  }
  const timer = setTimeout(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // it has ended
    }
  }, within);
  const closed = new Promise<void>((done) => child.on('close', () => done()));
  const status = await new Promise<number | null>((done) => {
    child.on('error', ({ message }) => {
      output += message;
      done(null);
    });
    child.on('exit', done);
  });
  clearTimeout(timer);
  const ms = performance.now() - began;
  await Promise.race([closed, pause(DRAIN)]);
  return { status, output, out, said, ms };
}

/** Clock ticks a second, as proc(5) counts; fixed for user space on Linux. */
const TICKS = 100;

/** CPU of all children that were waited for, with theirs. Unit: milliseconds. */
export function childCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS;
}
