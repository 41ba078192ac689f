/**
 * Files that may be written: who runs them later, what they decide, and what becomes of them.
 *
 * @module
 */
import { decidingFiles } from '../../contract/index.ts';
import type { Affordance, Catalogue } from '../catalogue/index.ts';
import { intersect, matchesPath, type PathOptions, type Pattern, shortestWord } from '../patterns/index.ts';
import type { FileGrant, Setting } from '../setting/index.ts';
import type { Sheet } from './sheet.ts';

/** Where no home is known, one that no set-up names. */
export const SOME_HOME = '/home/operator';

/** Files of one space that may be written and of which the same becomes. */
interface Area {
  readonly space: FileGrant['space'];
  readonly lands: FileGrant['lands'];
  readonly writable: readonly { readonly pattern: Pattern; readonly grant: FileGrant }[];
  readonly hidden: readonly Pattern[];
  /** Seen, but never written. */
  readonly kept: readonly Pattern[];
  /** How patterns of the catalogue are read for it. */
  readonly options: PathOptions;
}

export interface FilesInput {
  readonly setting: Setting;
  readonly catalogue: Catalogue;
  readonly home: string;
}

const byCloseness = (one: Affordance, other: Affordance): number => weight(one) - weight(other);
const weight = ({ family, runs }: Affordance): number =>
  (family === 'git' ? 0 : 2) + (runs?.as === 'operator' ? 0 : 1);

/** `writes`, `trigger`, `original`, `governs`: a path of its own for each entry of the catalogue that the agent may write. */
export function addFiles(sheet: Sheet, input: FilesInput): void {
  const { setting } = input;
  for (const grant of setting.files)
    if (grant.lands === 'at once' && (grant.space === 'workspace' || grant.write))
      sheet.add(
        ['direct', grant.space === 'workspace' ? 'workspace' : grant.path],
        grant.landing ?? grant,
        'the agent changes the original itself',
      );
  for (const area of areasOf(sheet, input)) addArea(sheet, input, area);
  addVolumes(sheet, setting);
}

/** Patterns of a grant: of the machine's folders, the folder itself and all below it. */
export function patternsOf(
  sheet: Sheet,
  grant: Pick<FileGrant, 'space' | 'path' | 'clause'>,
  home: string,
): Pattern[] {
  if (grant.space === 'workspace') {
    const pattern = sheet.pattern(grant.path, grant);
    return pattern === undefined ? [] : [pattern];
  }
  const clean = grant.path.replace(/(.)\/+$/, '$1');
  const below = clean.endsWith('/**') ? [] : [clean === '/' ? '/**' : `${clean}/**`];
  return [clean, ...below].flatMap((text) => sheet.pattern(text, grant, { base: '/', home }) ?? []);
}

function areasOf(sheet: Sheet, { setting, home }: FilesInput): Area[] {
  const areas: Area[] = [];
  for (const space of ['workspace', 'machine'] as const)
    for (const lands of ['at once', 'on review'] as const) {
      const grants = setting.files.filter(
        (grant) => grant.space === space && grant.lands === lands && grant.write,
      );
      const writable = grants.flatMap((grant) =>
        patternsOf(sheet, grant, home).map((pattern) => ({ pattern, grant })),
      );
      if (writable.length === 0) continue;
      // what is taken out of each of them is taken out of all
      const except = (what: string) =>
        (grants[0] as FileGrant).except
          .filter(
            (one) =>
              one.what === what && grants.every(({ except }) => except.some(({ path }) => path === one.path)),
          )
          .flatMap((one) => patternsOf(sheet, { ...one, space }, home));
      areas.push({
        space,
        lands,
        writable,
        hidden: except('hidden'),
        kept: except('read-only'),
        options: space === 'machine' ? { base: '/', home } : {},
      });
    }
  return areas;
}

function addArea(sheet: Sheet, { setting, catalogue }: FilesInput, area: Area): void {
  const anything = wordOf(area, undefined, sheet);
  const { run } = setting.grading;
  // first, so that what could be any file of the solution is shown as one
  if (run !== undefined && area.space === 'workspace') {
    const solution = solutionWord(run, area, sheet);
    if (solution !== undefined) addWrite(sheet, area, solution);
  }
  for (const entry of catalogue.affordances.filter(({ kind }) => kind === 'trigger').toSorted(byCloseness)) {
    if (entry.runs === undefined) continue;
    const word = knownWord(area, entry, catalogue) ?? wordOf(area, soughtBy(sheet, entry, area), sheet);
    if (word === undefined) continue;
    addWrite(sheet, area, word);
    sheet.add(
      ['trigger', `file:${word}`, entry.id, entry.runs.as],
      `catalogue ${entry.id}`,
      `${entry.title}: ${entry.prose}`,
    );
    sheet.gives(entry);
    addAttempt(sheet, area, entry);
  }
  if (run !== undefined && area.space === 'workspace') {
    const decider = decidingWord(run, area, sheet) ?? anything;
    if (decider !== undefined) {
      addWrite(sheet, area, decider);
      sheet.add(['decides', `file:${decider}`], setting.grading, `the check may depend on ${decider}`);
    }
  }
  addControls(sheet, setting, area);
  // last, so that of two paths as short the one that names what runs it is shown
  if (anything !== undefined) addWrite(sheet, area, anything);
}

/** Where the kernel shows itself as files: nobody's projects lie there (devtmpfs, proc(5), sysfs(5)). */
const KERNELS_OWN = /^\/(dev|proc|sys)(\/|$)/;

/** Of the workspace, only what the catalogue seeks in any folder can be in it. */
function soughtBy(sheet: Sheet, { match }: Affordance, { space, options, writable }: Area): Pattern[] {
  const isKernels = writable.every(({ grant }) => KERNELS_OWN.test(grant.path));
  const texts = (match.path ?? []).filter((path) =>
    space === 'machine' ? !isKernels || /^[~/]/.test(path) : !/^[~/]/.test(path),
  );
  return sheet.sought(texts, options);
}

/** What the search would find first where everything may be written, from the compiled catalogue; `undefined` where it has to be searched. */
function knownWord(
  { space, writable, hidden, kept }: Area,
  { match }: Affordance,
  { words }: Catalogue,
): string | undefined {
  if (words === undefined || space !== 'workspace' || writable.length !== 1) return undefined;
  if (writable[0]?.grant.path !== '**') return undefined;
  const first = match.path?.find((path) => !/^[~/]/.test(path));
  const word = first === undefined || !Object.hasOwn(words, first) ? undefined : words[first];
  return word === undefined || matchesPath([...hidden, ...kept], word) ? undefined : word;
}

/** Witnesses write where they like, so they need all of the workspace, and nothing that only a test has. */
function addAttempt(sheet: Sheet, { space, writable, hidden, kept }: Area, entry: Affordance): void {
  const attempt = entry.witness?.attempt ?? [];
  const isPlain = attempt.every((line) => !/\$\{?(RELAY|SOCKET|SEEN)/.test(line));
  const isWhole = writable.some(({ grant }) => grant.path === '**') && hidden.length + kept.length === 0;
  if (space === 'workspace' && isWhole && isPlain) sheet.attempts.set(entry.id, attempt);
}

/** How the files that a command checks are mostly named. */
const SOLUTIONS: readonly (readonly [command: RegExp, path: string])[] = [
  [/\b(npm|npx|node|yarn|pnpm|vitest|jest)\b/, 'src/*.js'],
  [/\b(pytest|python3?|tox)\b/, 'src/*.py'],
  [/\bcargo\b/, 'src/*.rs'],
  [/\bgo\b/, '*.go'],
];

/** A writable file as the solution of what the command checks would have. */
function solutionWord(command: string, area: Area, sheet: Sheet): string | undefined {
  const named = SOLUTIONS.flatMap(([known, path]) => (known.test(command) ? [path] : []));
  const writable = area.writable.map(({ pattern }) => pattern);
  for (const pattern of sheet.sought([...named, 'src/*'])) {
    const found = intersect(writable, [pattern]);
    if (!found.ok || found.word === undefined) continue;
    if (!matchesPath([...area.hidden, ...area.kept], found.word, area.options)) return found.word;
  }
  return undefined;
}

/** A writable file that the command is known to load. */
function decidingWord(command: string, area: Area, sheet: Sheet): string | undefined {
  const texts = decidingFiles(command).flatMap(({ patterns }) => patterns);
  const patterns = sheet.sought(texts);
  return patterns.length === 0 ? undefined : wordOf(area, patterns, sheet);
}

/** Files that oversee the run, or decide it, where the agent may write them. */
function addControls(sheet: Sheet, { controls }: Setting, area: Area): void {
  for (const control of controls) {
    if (control.space !== area.space) continue;
    const sought = sheet.sought([control.path, `${control.path}/**`], area.options);
    const word = wordOf(area, sought, sheet);
    if (word === undefined) continue;
    addWrite(sheet, area, word);
    sheet.add(['governs', `file:${word}`, control.what], control, `${word} is of the ${control.what}`);
  }
}

function addWrite(sheet: Sheet, area: Area, word: string): void {
  const file = `file:${word}`;
  const matching = area.writable.filter(({ pattern }) => matchesPath([pattern], word, area.options));
  for (const { grant } of matching.length > 0 ? matching : area.writable) {
    sheet.add(['writes', 'agent', file], grant, `the agent may write ${word}`);
    if (area.lands === 'at once')
      sheet.add(['original', file], grant.landing ?? grant, 'what is written there is the original itself');
  }
}

/**
 * A writable path, one that `patterns` match where there are some: of the first of them that can be, since catalogues begin with the plainest.
 * One that is not hidden if there is one. Others count as well: hiding covers what is there when the run starts, not what is made later.
 */
function wordOf(area: Area, patterns: readonly Pattern[] | undefined, sheet: Sheet): string | undefined {
  const writable = area.writable.map(({ pattern }) => pattern);
  let word: string | undefined;
  for (const wanted of patterns === undefined ? [undefined] : patterns.map((pattern) => [pattern])) {
    const all = wanted === undefined ? [writable] : [writable, wanted];
    let found = wanted === undefined ? shortestWord({ all }) : intersect(writable, wanted);
    if (found.ok && found.word !== undefined && matchesPath(area.kept, found.word, area.options))
      found = shortestWord({ all, none: area.kept });
    if (!found.ok) {
      sheet.unread('files', found.message);
      return undefined;
    }
    if (found.word === undefined) continue;
    word ??= found.word;
    if (!matchesPath(area.hidden, found.word, area.options)) return found.word;
    const visible = shortestWord({ all, none: [...area.hidden, ...area.kept] });
    if (visible.ok && visible.word !== undefined) return visible.word;
  }
  return word;
}

function addVolumes(sheet: Sheet, { files }: Setting): void {
  for (const grant of files) {
    if (!grant.write || grant.lands !== 'kept') continue;
    const name = `volume:${grant.volume ?? grant.path}`;
    sheet.add(['writes', 'agent', name], grant, `the agent may write to ${name.replace(':', ' ')}`);
    sheet.add(['kept', name], grant.landing ?? grant, `${name.replace(':', ' ')} is there after the run`);
  }
}
