/**
 * Text of a known kind → settings, or what is wrong with it, where.
 *
 * @module
 */
import { formatPath, type Problem } from '../../contract/index.ts';
import type { Setting } from '../setting/index.ts';
import { readCodex } from './codex.ts';
import { readCompose } from './compose.ts';
import { readDocker } from './docker.ts';
import { readKubernetes } from './k8s.ts';
import { readSrt } from './srt.ts';
import type { Fault, Parsed } from './tree.ts';
import { type ForeignKind, type Imported, type Input, MAX_INPUT_BYTES } from './types.ts';

const READERS: Readonly<Record<ForeignKind, (text: string, input: Input) => Parsed<Setting[]>>> = {
  docker: readDocker,
  compose: readCompose,
  k8s: readKubernetes,
  srt: readSrt,
  codex: readCodex,
};

/** Problems beyond this many are not listed: the first ones usually cause the rest. */
const MAX_PROBLEMS = 50;

/**
 * Reads a set-up of this kind. Never throws: what is malformed is a problem with its place, what the intermediate form has no
 * word for is listed in the setting itself.
 *
 * @example
 * importSettings('docker', { content: 'docker run --rm -it --privileged alpine sh', file: 'line.sh' })
 */
export function importSettings(kind: ForeignKind, input: Input): Imported {
  const { content, file } = input;
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const whole = (message: string, hint: string): Imported => ({
    ok: false,
    problems: [{ file, line: 1, column: 1, path: '', message, hint }],
  });
  if (bytes.length > MAX_INPUT_BYTES)
    return whole(`larger than ${MAX_INPUT_BYTES / 1024} KiB`, 'Is this the right file?');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('not UTF-8 text', 'Save it as UTF-8.');
  }
  if (text.includes('\0')) return whole('the character NUL is in it', 'Is this the right file?');
  const parsed = READERS[kind](text, input);
  if (!parsed.ok) return { ok: false, problems: problemsOf(parsed.faults, file) };
  return { ok: true, settings: parsed.value };
}

/** In the order of the file, without repeats. */
function problemsOf(faults: readonly Fault[], file: string): Problem[] {
  const seen = new Set<string>();
  return faults
    .map(({ file: other, line, column, path, message, hint }) => ({
      file: other ?? file,
      line,
      column,
      path: formatPath(path),
      message,
      hint,
    }))
    .filter(({ line, column, path, message }) => {
      const key = `${line}:${column}:${path}:${message}`;
      return seen.size < MAX_PROBLEMS && !seen.has(key) && seen.add(key);
    })
    .sort((one, other) => one.line - other.line || one.column - other.column);
}
