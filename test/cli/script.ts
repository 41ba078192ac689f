/**
 * Reads and runs the plain-text scripts in this folder: what a person types and what they get, written down as it looks
 * in a terminal. `README.txt` says how they are written.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Step {
  /** line of the script, counted from 1 */
  line: number;
  command: string;
  /** what it prints: standard output as it is, standard error behind `! `, an exit code other than 0 as `[N]` */
  expected: string[];
}

export interface Script {
  files: { path: string; text: string }[];
  steps: Step[];
}

/** @throws Error that names the line that is none of what a script can hold */
export function readScript(text: string): Script {
  const script: Script = { files: [], steps: [] };
  let file: string[] | undefined;
  const lines = text.split('\n');
  lines.forEach((line, index) => {
    const start = /^--- (\S+)$/.exec(line);
    if (start) {
      file = [];
      script.files.push({ path: start[1] as string, text: '' });
    } else if (line === '---' && file) {
      (script.files.at(-1) as { text: string }).text = file.map((entry) => `${entry}\n`).join('');
      file = undefined;
    } else if (file) file.push(line);
    else if (line.startsWith('  $ '))
      script.steps.push({ line: index + 1, command: line.slice(4), expected: [] });
    else if (
      line.startsWith('  ') ||
      (line === '' && lines[index + 1]?.startsWith('  ') && !lines[index + 1]?.startsWith('  $ '))
    ) {
      const step = script.steps.at(-1);
      if (!step) throw new Error(`line ${index + 1}: output before a command`);
      step.expected.push(line.slice(2));
    }
  });
  if (file) throw new Error('a file is not ended by ---');
  return script;
}

/** Runs one command in a folder and writes down what came of it, as `Step.expected` does. */
export function runStep(step: Step, folder: string, environment: NodeJS.ProcessEnv): string[] {
  const result = spawnSync('sh', ['-c', step.command], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    timeout: 30_000,
  });
  const split = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
  const code = result.status ?? `signal ${result.signal}`;
  return [
    ...split(result.stdout),
    ...split(result.stderr).map((line) => `! ${line}`),
    ...(code === 0 ? [] : [`[${code}]`]),
  ];
}

/** Whether lines fit: a line `...` stands for any lines, `<...>` inside a line for any text. */
export function fits(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return actual.length === 0;
  if (first === '...') return fits(rest, actual) || (actual.length > 0 && fits(expected, actual.slice(1)));
  const [head, ...tail] = actual;
  if (head === undefined) return false;
  const pattern = first.split('<...>').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`, 'u').test(head) && fits(rest, tail);
}

export function writeFiles(script: Script, folder: string): void {
  for (const { path, text } of script.files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
