/**
 * `prove --from`: other people's configuration. A file that starts several containers has an answer for each, since which of them
 * is the agent's is not for us to guess.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { formatProblem, readBounded } from '../../contract/index.ts';
import { type ForeignKind, importSettings, MAX_INPUT_BYTES, placesOf } from '../../prove/import/index.ts';
import { prove } from '../../prove/report/index.ts';
import type { Setting } from '../../prove/setting/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';
import { answer } from './answer.ts';
import { joinJson, joinSarif } from './several.ts';
import type { Format, ProveInvocation, Setup, Subject } from './types.ts';

/**
 * Reads FILE, or standard input for `-`, as `--from` says, and answers.
 *
 * @returns the exit code: of several the one that says most, refuted before unknown before proved
 */
export async function proveOther(
  invocation: ProveInvocation,
  kind: ForeignKind,
  setup: Setup,
  format: Format,
): Promise<number> {
  const { options, args, terminal } = invocation;
  refuseBesides(options);
  const [file] = args;
  if (file === undefined)
    throw new CommandError(
      'usage',
      `--from ${kind} wants a file`,
      `write prove --from ${kind} FILE, or - for standard input`,
    );
  const content = file === '-' ? readInput() : readFile(file);
  const read = importSettings(kind, { content, file, beside: (path) => readBeside(file, path) });
  if (!read.ok) {
    const { problems } = read;
    if (format === 'json') terminal.out(JSON.stringify({ file, valid: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return EXIT.usage;
  }
  const settings = chosen(read.settings, options.service);
  const sha256 = createHash('sha256').update(content).digest('hex');
  const answers = await Promise.all(
    settings.map((setting) => {
      const { certificate } = options;
      const own =
        certificate === undefined || settings.length === 1
          ? certificate
          : join(certificate, setting.name.replace(/[^\w-]/g, '_'));
      const asked = { ...invocation, options: { ...options, certificate: own } };
      return answerOne(setting, { file, sha256 }, setup, format, asked);
    }),
  );
  const outputs = answers.map(({ output }) => output);
  if (format === 'json') terminal.out(joinJson(outputs, { file, sha256 }));
  else if (format === 'sarif') terminal.out(joinSarif(outputs));
  else if (format === 'graph' && outputs.length > 1) terminal.out(joinGraphs(outputs));
  else terminal.out(outputs.join('\n\n'));
  const exits = answers.map(({ exit }) => exit);
  return exits.includes(EXIT.failed) ? EXIT.failed : exits.includes(EXIT.unknown) ? EXIT.unknown : EXIT.ok;
}

/** Several graphs of one file, as JSON Graph Format has them. */
function joinGraphs(outputs: readonly string[]): string {
  return JSON.stringify({ graphs: outputs.map((text) => JSON.parse(text).graph) }, null, 2);
}

/** What asks about contracts alone. */
function refuseBesides({ diff, max, recorded }: ProveInvocation['options']): void {
  const given = [
    ...(diff === undefined ? [] : ['--diff']),
    ...(max === undefined ? [] : ['--max']),
    ...(recorded === undefined ? [] : ['--recorded']),
  ];
  if (given.length > 0)
    throw new CommandError(
      'usage',
      `${given.join(' and ')} holds contracts against each other, and --from reads none`,
      'prove what --from reads by itself, or write a contract that gives the same',
    );
}

/** @throws CommandError where none has the name */
function chosen(settings: readonly Setting[], name: string | undefined): readonly Setting[] {
  if (name === undefined) return settings;
  const found = settings.filter((setting) => setting.name === name);
  if (found.length > 0) return found;
  const names = [...new Set(settings.map((setting) => safe(setting.name)))];
  throw new CommandError('usage', `nothing is called ${safe(name)} there`, `name one of ${names.join(', ')}`);
}

async function answerOne(
  setting: Setting,
  { file, sha256 }: { file: string; sha256: string },
  { catalogue, digest, home }: Setup,
  format: Format,
  invocation: ProveInvocation,
): Promise<{ output: string; exit: number }> {
  const places = placesOf(setting);
  const subject: Subject = {
    file,
    sha256,
    contract: undefined,
    report: prove({ setting, catalogue, home }),
    place: (clause) => places.get(clause),
  };
  const lines: string[] = [];
  const terminal = {
    ...invocation.terminal,
    out: (text: string) => void lines.push(text),
    raw: (text: string | Buffer) => void lines.push(String(text)),
  };
  const exit = await answer({
    subject,
    catalogue: digest,
    format,
    invocation: { ...invocation, terminal },
  });
  const output = lines.join('\n');
  if (format === 'text') return { output: [output, ...tellUnexpressed(setting)].join('\n'), exit };
  if (format !== 'json') return { output, exit };
  const { name, kind, unexpressed } = setting;
  return { output: JSON.stringify({ ...JSON.parse(output), name, kind, unexpressed }, null, 2), exit };
}

/** What the form has no word for, whether it leaves something unknown or not. */
function tellUnexpressed({ name, unexpressed }: Setting): string[] {
  if (unexpressed.length === 0) return [];
  return [
    '',
    `Of ${safe(name)} this is not expressed, and nothing was guessed of it`,
    ...unexpressed.map(({ clause, text, place, hazards }) => {
      const at = place === undefined ? '' : `${safe(place.file)}:${place.line}:${place.column}: `;
      const opens =
        hazards === undefined
          ? 'it may open any hazard'
          : hazards.length === 0
            ? 'it opens nothing'
            : `it may open ${hazards.join(', ')}`;
      return `  - ${at}${safe(clause)}: ${safe(text)}; ${opens}`;
    }),
  ];
}

function readFile(file: string): Uint8Array {
  const bytes = readBounded(file, MAX_INPUT_BYTES);
  if (bytes.ok) return bytes.content;
  throw new CommandError('unreadable', `${safe(file)}: ${bytes.message}`, 'name the file that is to be read');
}

/** One byte more than is allowed, so that what is too long is refused as that. */
function readInput(): Uint8Array {
  const buffer = Buffer.alloc(MAX_INPUT_BYTES + 1);
  let length = 0;
  while (length < buffer.length) {
    let read: number;
    try {
      read = readSync(0, buffer, length, buffer.length - length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') break;
      if (code !== 'EAGAIN') throw new CommandError('unreadable', `standard input: ${code}`, 'name a file');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      continue;
    }
    if (read === 0) break;
    length += read;
  }
  return buffer.subarray(0, length);
}

/** A file that another one names, if it lies in that one's folder or below. */
function readBeside(file: string, path: string): string | undefined {
  if (file === '-' || isAbsolute(path)) return undefined;
  try {
    const folder = realpathSync(dirname(resolve(file)));
    const found = realpathSync(resolve(folder, path));
    if (relative(folder, found).startsWith('..')) return undefined;
    const bytes = readBounded(found, MAX_INPUT_BYTES);
    return bytes.ok && bytes.content.length <= MAX_INPUT_BYTES
      ? Buffer.from(bytes.content).toString('utf8')
      : undefined;
  } catch {
    return undefined;
  }
}
