/**
 * Judges: each looks at one kind of effect outside the cell.
 *
 * @module
 */
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { Judge } from './attempt.ts';
import { type Host, processesWith } from './host.ts';

type PathOf = (host: Host) => string;

function content(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The attempt's own word, for effects that nobody outside can see (an interface of the kernel that opened). */
export const claims: Judge = (_host, { exit, output }) =>
  exit === 0 ? (output.trim().split('\n').at(-1) ?? 'claimed') : undefined;

/** The attempt printed something only a reader of the secret can know. */
export const printedSecret: Judge = (host, { output }) =>
  output.includes(host.secret) ? 'printed the secret' : undefined;

/** The file on the host now holds this attempt's mark. */
export const marked =
  (path: PathOf): Judge =>
  (host, _evidence, id) =>
    content(path(host)).includes(host.mark(id)) ? `${host.short(path(host))} holds the mark` : undefined;

/** The file on the host lost what it held. */
export const lost =
  (path: PathOf, text = 'precious'): Judge =>
  (host) =>
    content(path(host)).includes(text) ? undefined : `${host.short(path(host))} lost its content`;

export const exists =
  (path: PathOf): Judge =>
  (host) =>
    existsSync(path(host)) ? `${host.short(path(host))} exists` : undefined;

/** A folder of the host holds something new, mark or not. */
export const filled =
  (path: PathOf): Judge =>
  (host) => {
    const names = existsSync(path(host)) ? readdirSync(path(host)) : [];
    return names.length > 0 ? `${host.short(path(host))} holds ${names.length} entries` : undefined;
  };

/** Permission bits of a host file include these. */
export const modeHas =
  (path: PathOf, bits: number): Judge =>
  (host) =>
    existsSync(path(host)) && (lstatSync(path(host)).mode & bits) === bits
      ? `${host.short(path(host))} has mode bits ${bits.toString(8)}`
      : undefined;

/** A sink on the host received this attempt's mark. */
export const arrived: Judge = (host, _evidence, id) => {
  const line = host
    .received()
    .split('\n')
    .find((entry) => entry.includes(host.mark(id)));
  return line ? `the mark arrived at ${line.split('\t')[0]}` : undefined;
};

/** The mark arrived at sinks whose name matches (for attempts where another sink is entitled to it). */
export const arrivedAt =
  (sink: string): Judge =>
  (host, _evidence, id) =>
    host
      .received()
      .split('\n')
      .some((entry) => entry.startsWith(sink) && entry.includes(host.mark(id)))
      ? `the mark arrived at ${sink}`
      : undefined;

/** A victim outside is gone or stopped. */
export const victimHurt =
  (name: string): Judge =>
  (host) => {
    const pid = host.victim(name).pid;
    const state = content(`/proc/${pid}/stat`).split(') ')[1]?.[0];
    if (state === undefined || state === 'Z' || state === 'X') return `victim ${name} is dead`;
    return state === 'T' || state === 't' ? `victim ${name} is stopped` : undefined;
  };

export const victimTouched =
  (name: string): Judge =>
  (host) =>
    existsSync(host.victim(name).touched) ? `the memory of victim ${name} changed` : undefined;

/** A process bearing the attempt's mark still lives after the run has ended. */
export const survives: Judge = (host, _evidence, id) => {
  const pids = processesWith(host.mark(id));
  return pids.length > 0 ? `${pids.length} processes live on` : undefined;
};

/** The run took longer than a time budget of three seconds can explain. */
export const overran =
  (milliseconds: number): Judge =>
  (_host, { run }) =>
    run.ms > milliseconds ? `the run lasted ${Math.round(run.ms)} ms` : undefined;

/** What the watcher beside the run saw. */
export const watched: Judge = (_host, { seen }) => seen;

/** An escape character of the attempt's making reached the operator's terminal through what Ringfence prints. */
export const escapesInSummary: Judge = (host, { run }, id) =>
  `${run.stdout}${run.stderr}`.includes(`\u001b]0;${host.mark(id)}`)
    ? 'a raw escape sequence was printed'
    : undefined;

/** A system setting on the host differs from what it was. */
export const settingChanged =
  (path: string): Judge =>
  (host) => {
    const now = content(path).trim();
    return host.settings[path] !== undefined && now !== host.settings[path]
      ? `${path} is now ${now}`
      : undefined;
  };

/** Any of several effects. */
export const any =
  (...judges: Judge[]): Judge =>
  (host, evidence, id) => {
    for (const judge of judges) {
      const effect = judge(host, evidence, id);
      if (effect) return effect;
    }
    return undefined;
  };

/** Controls: the attempt exited 0 and printed the expected text. */
export const worked =
  (expected = ''): Judge =>
  (_host, { exit, output }) =>
    exit === 0 && output.includes(expected) ? 'worked' : undefined;

/** Size of a host file, for judges that compare; -1 when absent. */
export const sizeOf = (path: string): number => (existsSync(path) ? statSync(path).size : -1);
