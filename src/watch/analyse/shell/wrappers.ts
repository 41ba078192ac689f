/**
 * Programs that run another one: what they run is what happens.
 *
 * @module
 */

export interface Wrapped {
  words: string[];
  /** names of what stood before it, outermost first */
  wrappers: string[];
  /** variables that `env` and assignments gave it */
  environment: string[];
}

/** Options with a value of wrappers, and how many words stand before the command. */
const WRAPPERS: Readonly<Record<string, { values: string; long?: readonly string[]; before?: number }>> = {
  sudo: {
    values: 'CDghpRrTtu',
    long: ['user', 'group', 'chdir', 'host', 'prompt', 'role', 'type', 'other-user'],
  },
  doas: { values: 'Cu' },
  env: { values: 'uCS', long: ['unset', 'chdir', 'split-string'] },
  nohup: { values: '' },
  setsid: { values: '' },
  nice: { values: 'n', long: ['adjustment'] },
  ionice: { values: 'cnpPu', long: ['class', 'classdata'] },
  timeout: { values: 'ks', long: ['signal', 'kill-after'], before: 1 },
  time: { values: 'fo', long: ['format', 'output'] },
  stdbuf: { values: 'ieo', long: ['input', 'output', 'error'] },
  unbuffer: { values: '' },
  chronic: { values: '' },
  command: { values: '' },
  builtin: { values: '' },
  exec: { values: 'a' },
  xargs: {
    values: 'aEIdLnPs',
    long: ['arg-file', 'delimiter', 'max-args', 'max-procs', 'replace', 'max-lines', 'max-chars'],
  },
  parallel: { values: 'jN', long: ['jobs'] },
  busybox: { values: '' },
  toybox: { values: '' },
  chroot: { values: '', long: ['userspec', 'groups'], before: 1 },
  taskset: { values: 'c', before: 1 },
  runuser: { values: 'ug', long: ['user', 'group'] },
  setpriv: { values: '', long: ['reuid', 'regid', 'groups', 'inh-caps', 'bounding-set'] },
  strace: { values: 'eopPsuEaOSXI' },
  watch: { values: 'n', long: ['interval'] },
  flock: { values: 'wE', long: ['timeout', 'conflict-exit-code'], before: 1 },
  systemd_inhibit: { values: '' },
  catchsegv: { values: '' },
  eatmydata: { values: '' },
  proxychains: { values: 'f' },
  proxychains4: { values: 'f' },
  torsocks: { values: 'auiP' },
  torify: { values: '' },
  caffeinate: { values: 't' },
  sshpass: { values: 'fdpP' },
  tsocks: { values: '' },
  chrt: { values: 'TPD', before: 1 },
  // a loader that is given the program (ld.so(8))
  'ld-linux-x86-64.so.2': { values: '', long: ['library-path', 'preload', 'argv0'] },
  'ld-linux-aarch64.so.1': { values: '', long: ['library-path', 'preload', 'argv0'] },
};

const ASSIGNMENT = /^[A-Za-z_]\w*=/;
/** Wrappers within wrappers that are looked through. */
const DEPTH = 16;

export const basename = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `sudo -u root env A=1 timeout 5 rm -rf x` is `rm -rf x`. */
export function unwrap(given: readonly string[]): Wrapped {
  let words = [...given];
  const wrappers: string[] = [];
  const environment: string[] = [];
  for (let depth = 0; depth < DEPTH; depth++) {
    while (words[0] !== undefined && ASSIGNMENT.test(words[0])) environment.push(words.shift() as string);
    const program = basename(words[0] ?? '');
    const wrapper = Object.hasOwn(WRAPPERS, program) ? WRAPPERS[program] : undefined;
    if (wrapper === undefined) break;
    const rest = skipOptions(program, words.slice(1), wrapper);
    if (rest.length === 0) break;
    wrappers.push(program);
    words = rest;
  }
  return { words, wrappers, environment };
}

function skipOptions(
  program: string,
  words: readonly string[],
  { values, long = [], before = 0 }: { values: string; long?: readonly string[]; before?: number },
): string[] {
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      at++;
      break;
    }
    if (program === 'env' && /^(-S|--split-string)/.test(word)) {
      const text = word.replace(/^(-S|--split-string=?)/, '') || (words[++at] ?? '');
      return [...text.split(/\s+/).filter((part) => part !== ''), ...words.slice(at + 1)];
    }
    if (word.startsWith('--')) {
      if (long.includes(word.slice(2))) at++;
      continue;
    }
    if (!/^-./.test(word)) break;
    const index = [...word.slice(1)].findIndex((letter) => values.includes(letter));
    if (index >= 0 && index === word.length - 2) at++;
  }
  return words.slice(at + before);
}
