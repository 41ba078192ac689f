/**
 * What is shown first, and with which remarks. This orders and marks, nothing more: what is not recognised here is still
 * shown and does not land unreviewed.
 *
 * @module
 */
import { posix } from 'node:path';
import { escapePath, joinPath, parentPath, pathKey } from '../../cell/changes/index.ts';
import { matchPath } from '../../contract/glob.ts';
import { makeTriggerOf, type Trigger } from '../../contract/triggers.ts';
import { packageChanges } from './packages.ts';
import type { Item, Reviewed, Section, State } from './types.ts';

export const SECTIONS: readonly Section[] = [
  'refused',
  'deleted',
  'modes',
  'symlinks',
  'executables',
  'runs later',
  'decides success',
  'rest',
];

const SPECIAL: Partial<Record<State['type'], string>> = {
  fifo: 'a named pipe',
  socket: 'a socket',
  device: 'a device',
};

/** Where a landing stages: src/review/land/journal.ts. */
const RESERVED = /^\.ringfence-[0-9a-f]{12}(?:\/|$)/;

/** Why something cannot land, whoever asks. */
export function refusalOf({ after, before, path }: Item): string | undefined {
  if (!after) return undefined;
  const special = SPECIAL[after.type];
  if (special) return `${special} does not land`;
  const bits = after.mode & 0o7000;
  if (after.type === 'file' && bits !== 0) {
    return `a ${(bits & 0o6000) !== 0 ? 'set-user-id or set-group-id' : 'sticky'} file does not land`;
  }
  if (after.type === 'directory' && (bits & 0o6000 & ~((before?.mode ?? 0) & 0o6000)) !== 0)
    return 'a folder with the set-user-id or set-group-id bit does not land';
  const readable = after.type === 'file' ? 0o400 : after.type === 'directory' ? 0o500 : 0;
  // landed, it could be neither reviewed nor taken back
  if ((after.mode & readable) !== readable) return 'closed even to its owner: does not land';
  if (after.type === 'file' && after.sha256 === undefined) return 'too large to be read';
  if (path.includes(0)) return 'not a name';
  if (RESERVED.test(pathKey(path))) return 'a name that landings use for themselves: does not land';
  return undefined;
}

/** Notes on where a link leads. */
function linkNotes({ path, after }: Item): string[] {
  const target = after?.type === 'symlink' ? after.link?.toString('latin1') : undefined;
  if (target === undefined) return [];
  if (target.startsWith('/')) return ['absolute: leads to the same place of whatever machine it is used on'];
  const joined = posix.normalize(posix.join(posix.dirname(path.toString('latin1')), target));
  const outside = joined === '..' || joined.startsWith('../');
  return outside ? ['points outside of the workspace'] : [];
}

const isExecutable = (state: State | undefined) => state?.type === 'file' && (state.mode & 0o111) !== 0;

/** Characters that look like nothing, or like others: a name with one is told. */
const INVISIBLE = /(?! )[\p{Cf}\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

function nameNotes({ path, shown }: Item): string[] {
  const text = path.toString();
  const notes: string[] = [];
  if (Buffer.compare(Buffer.from(text), path) !== 0) notes.push('the name is not valid UTF-8');
  else if (INVISIBLE.test(text))
    notes.push('the name has control, invisible or direction-changing characters');
  else if (
    /[^\p{ASCII}]/u.test(text) &&
    /[A-Za-z]/.test(text) &&
    /\p{Script=Cyrillic}|\p{Script=Greek}/u.test(text)
  )
    notes.push('the name mixes Latin with letters that look like Latin ones');
  if (/^\s|\s$|\/\s|\s\//.test(text)) notes.push(`the name begins or ends with a space: “${shown}”`);
  return notes;
}

function sectionOf(
  item: Item,
  trigger: Trigger | undefined,
  refusal: string | undefined,
  decides: boolean,
): Section {
  if (refusal) return 'refused';
  if (item.kind === 'deleted') return 'deleted';
  if (item.kind === 'mode') return 'modes';
  if (item.after?.type === 'symlink' || item.before?.type === 'symlink') return 'symlinks';
  if (isExecutable(item.after)) return 'executables';
  if (trigger && item.after?.type !== 'directory') return 'runs later';
  return decides ? 'decides success' : 'rest';
}

const octal = (mode: number) => mode.toString(8).padStart(3, '0');

function changeNotes(item: Item): string[] {
  const { before, after } = item;
  const notes: string[] = [];
  if (before && after) {
    if (before.type !== after.type) notes.push(`was a ${before.type}, is a ${after.type}`);
    if (before.mode !== after.mode && after.type !== 'symlink')
      notes.push(`mode ${octal(before.mode)} → ${octal(after.mode)}`);
    if (before.uid !== after.uid || before.gid !== after.gid)
      notes.push(`owner ${before.uid}:${before.gid} → ${after.uid}:${after.gid}`);
  }
  if (isExecutable(after) && !isExecutable(before)) notes.push(before ? 'becomes executable' : 'executable');
  if (item.movedFrom) notes.push(`moved from ${escapePath(item.movedFrom)}`);
  if (item.movedTo) notes.push(`moved to ${escapePath(item.movedTo)}`);
  if (item.sameFileAs) notes.push(`the same file as ${escapePath(item.sameFileAs)}; lands as a copy`);
  if (item.originalChanged) notes.push('the original was changed since the run began');
  return notes;
}

/** Names that a file system without case, or with one form of Unicode, takes for one. */
function clashes(
  items: readonly Item[],
  namesThere: (folder: Buffer) => readonly Buffer[],
): Map<string, Buffer> {
  const folded = (path: Buffer) => path.toString().normalize('NFC').toLowerCase();
  const byName = new Map<string, Buffer[]>();
  for (const { path, after } of items) {
    if (!after) continue;
    const key = folded(path);
    const known = byName.get(key);
    if (known) known.push(path);
    else byName.set(key, [path]);
  }
  const changed = new Set(items.map(({ path }) => pathKey(path)));
  const folders = new Map(
    items
      .filter(({ kind }) => kind === 'added')
      .map(({ path }) => [pathKey(parentPath(path)), parentPath(path)]),
  );
  for (const folder of folders.values()) {
    for (const name of namesThere(folder)) {
      const path = joinPath(folder, name);
      if (!changed.has(pathKey(path))) byName.get(folded(path))?.push(path);
    }
  }
  const found = new Map<string, Buffer>();
  for (const paths of byName.values()) {
    if (paths.length < 2) continue;
    for (const path of paths) {
      const other = paths.find((one) => one !== path);
      if (other) found.set(pathKey(path), other);
    }
  }
  return found;
}

export interface ClassifyOptions {
  /** `objective.success.protect` */
  protect: readonly string[];
  /** names in a folder of the original, for clashes with what is there already */
  namesThere?: (folder: Buffer) => readonly Buffer[];
}

/** Each item with its section, refusal and notes, in the order in which a person should see them. */
export function classify(items: readonly Item[], options: ClassifyOptions): Reviewed[] {
  const triggerOf = makeTriggerOf();
  const decidesSuccess = matchPath(options.protect);
  const clashing = clashes(items, options.namesThere ?? (() => []));
  const reviewed = items.map((item): Reviewed => {
    const trigger = triggerOf(item.path);
    const refusal = refusalOf(item);
    const decides = decidesSuccess(item.path);
    const clash = clashing.get(pathKey(item.path));
    const scripts = trigger?.id === 'npm-scripts' ? packageChanges(item) : [];
    return {
      ...item,
      section: sectionOf(item, trigger, refusal, decides),
      ...(refusal && { refusal }),
      ...(trigger && { trigger }),
      decidesSuccess: decides,
      notes: [
        ...(refusal ? [refusal] : []),
        ...changeNotes(item),
        ...linkNotes(item),
        ...(trigger && item.kind !== 'deleted' && item.after?.type !== 'directory'
          ? [`run by ${trigger.who}, ${trigger.when}`]
          : []),
        ...scripts,
        ...(decides ? ['decides success (objective.success.protect)'] : []),
        ...(clash ? [`differs from ${escapePath(clash)} only in case or Unicode form`] : []),
        ...nameNotes(item),
      ],
    };
  });
  const rank = new Map(SECTIONS.map((section, index) => [section, index]));
  return reviewed.sort(
    (a, b) =>
      (rank.get(a.section) ?? 0) - (rank.get(b.section) ?? 0) ||
      Number(b.decidesSuccess) - Number(a.decidesSuccess) ||
      Number(b.trigger !== undefined) - Number(a.trigger !== undefined) ||
      Buffer.compare(a.path, b.path),
  );
}
