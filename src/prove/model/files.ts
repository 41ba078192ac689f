/**
 * Files: what may be written and who runs it later, what may be read and what it opens.
 *
 * @module
 */
import { decidingFiles } from '../../contract/index.ts';
import type { Affordance } from '../catalogue/index.ts';
import { intersect, matchesPath, type Pattern, parsePath, shortestWord } from '../patterns/index.ts';
import type { Sheet } from './sheet.ts';
import type { ModelInput } from './types.ts';

/** Where no home is known, one that no contract names. */
const SOME_HOME = '/home/operator';

const byCloseness = (one: Affordance, other: Affordance): number => weight(one) - weight(other);
const weight = ({ family, runs }: Affordance): number =>
  (family === 'git' ? 0 : 2) + (runs?.as === 'operator' ? 0 : 1);

/** `writes` and `trigger`: a path of its own for each entry of the catalogue that the contract lets the agent write. */
export function addFiles(sheet: Sheet, { contract, catalogue, home }: ModelInput): void {
  const { write, hide, read, workspace } = contract.files;
  sheet.add(['knows', 'agent', 'data:workspace'], 'files.workspace', 'the agent reads the workspace');
  sheet.add(['knows', 'agent', 'data:agent'], 'model', 'the agent reads its own instructions and programs');
  if (workspace.mode === 'direct')
    sheet.add(['direct', 'workspace'], 'files.workspace.mode', 'the agent changes the original itself');
  const writable = sheet.patterns(write, 'files.write');
  const hidden = sheet.patterns(hide, 'files.hide');
  const anything = wordOf([...writable.values()], undefined, [...hidden.values()], sheet);
  for (const entry of catalogue.affordances.filter(({ kind }) => kind === 'trigger').toSorted(byCloseness)) {
    // only what the catalogue seeks in any folder can be in the workspace
    const sought = (entry.match.path ?? []).filter((path) => !/^[~/]/.test(path));
    const patterns = sought
      .map((path) => parsePath(path))
      .flatMap((parsed) => (parsed.ok ? [parsed.pattern] : []));
    if (patterns.length === 0 || entry.runs === undefined) continue;
    const word = wordOf([...writable.values()], patterns, [...hidden.values()], sheet);
    if (word === undefined) continue;
    addWrite(sheet, writable, word);
    sheet.add(
      ['trigger', `file:${word}`, entry.id, entry.runs.as],
      `catalogue ${entry.id}`,
      `${entry.title}: ${entry.prose}`,
    );
    sheet.gives(entry);
    // witnesses write where they like, so they need all of the workspace, and nothing that only a test has
    const attempt = entry.witness?.attempt ?? [];
    const isPlain = attempt.every((line) => !/\$\{?(RELAY|SOCKET|SEEN)/.test(line));
    if (write.includes('**') && hide.length === 0 && isPlain) sheet.attempts.set(entry.id, attempt);
  }
  const { success } = contract.objective;
  if (success !== undefined) {
    const decider =
      decidingWord(success.run, [...writable.values()], [...hidden.values()], sheet) ?? anything;
    if (decider !== undefined) {
      addWrite(sheet, writable, decider);
      sheet.add(['decides', `file:${decider}`], 'objective.success', `the check may depend on ${decider}`);
    }
  }
  // last, so that of two paths as short the one that names what runs it is shown
  if (anything !== undefined) addWrite(sheet, writable, anything);
  addRead(sheet, { contract, catalogue, home: home ?? SOME_HOME }, read);
}

/** A writable file that the command is known to load. */
function decidingWord(
  command: string,
  writable: readonly Pattern[],
  hidden: readonly Pattern[],
  sheet: Sheet,
): string | undefined {
  const texts = decidingFiles(command).flatMap(({ patterns }) => patterns);
  const patterns = texts
    .map((text) => parsePath(text))
    .flatMap((parsed) => (parsed.ok ? [parsed.pattern] : []));
  return patterns.length === 0 ? undefined : wordOf(writable, patterns, hidden, sheet);
}

function addWrite(sheet: Sheet, writable: ReadonlyMap<number, Pattern>, word: string): void {
  const found = [...writable].find(([, pattern]) => matchesPath([pattern], word));
  sheet.add(
    ['writes', 'agent', `file:${word}`],
    `files.write[${found?.[0] ?? 0}]`,
    `the agent may write ${word}`,
  );
}

/**
 * A writable path, one that `patterns` match where there are some: of the first of them that can be, since catalogues begin with the plainest.
 * One that is not hidden if there is one. Others count as well: hiding covers what is there when the run starts, not what is made later.
 */
function wordOf(
  writable: readonly Pattern[],
  patterns: readonly Pattern[] | undefined,
  hidden: readonly Pattern[],
  sheet: Sheet,
): string | undefined {
  let word: string | undefined;
  for (const wanted of patterns === undefined ? [undefined] : patterns.map((pattern) => [pattern])) {
    const all = wanted === undefined ? [writable] : [writable, wanted];
    const found = wanted === undefined ? shortestWord({ all }) : intersect(writable, wanted);
    if (!found.ok) return unread(sheet, found.message);
    if (found.word === undefined) continue;
    word ??= found.word;
    if (!matchesPath(hidden, found.word)) return found.word;
    const visible = shortestWord({ all, none: hidden });
    if (visible.ok && visible.word !== undefined) return visible.word;
  }
  return word;
}

function unread(sheet: Sheet, message: string): undefined {
  sheet.unread('files', message);
}

/** `knows` and `holds`: what lies at or below the paths that may be read. */
function addRead(
  sheet: Sheet,
  { catalogue, home }: ModelInput & { home: string },
  read: readonly string[],
): void {
  const options = { base: '/', home };
  for (const [index, text] of read.entries()) {
    const clause = `files.read[${index}]`;
    const clean = text.replace(/(.)\/+$/, '$1');
    const parsed = [parsePath(clean, options), parsePath(`${clean}/**`, options)];
    const patterns = parsed.flatMap((each) => (each.ok ? [each.pattern] : []));
    const failed = parsed.find((each) => !each.ok);
    if (failed && !failed.ok) sheet.unread(clause, failed.message);
    const data = `file:${text}`;
    sheet.add(['knows', 'agent', data], clause, `the agent reads ${text}`);
    for (const entry of catalogue.affordances) {
      if (entry.kind !== 'authority' || entry.match.path === undefined) continue;
      const sought = entry.match.path.flatMap((path) => {
        const one = parsePath(path, options);
        return one.ok ? [one.pattern] : [];
      });
      const common = intersect(patterns, sought);
      if (!common.ok) sheet.unread(clause, common.message);
      else if (common.word !== undefined) sheet.holds(data, entry, common.word.replace(`${home}/`, '~/'));
    }
  }
}
