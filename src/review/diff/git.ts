/**
 * A change set as git writes it, for `git apply` and `patch -p1`: extended headers for modes, links and moves, binary
 * content as literal patches.
 *
 * Format: git-diff(1) "Generating patch text with -p"; binary patches as git's own base85.c and diff.c write them.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { escapePath } from '../../cell/changes/index.ts';
import type { Item, State } from '../set/index.ts';
import { contentOf } from './content.ts';
import { MARKS, unifiedDiff } from './unified.ts';

/** Bytes of a file up to which its content is written out. */
const LARGEST = 16 * 1024 * 1024;

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';

function base85(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + (bytes[at + i] ?? 0);
    let group = '';
    for (let i = 0; i < 5; i++) {
      group = `${DIGITS.charAt(value % 85)}${group}`;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}

function literal(content: Buffer): string {
  const packed = deflateSync(content);
  let text = `literal ${content.length}\n`;
  for (let at = 0; at < packed.length; at += 52) {
    const line = packed.subarray(at, at + 52);
    const length = line.length <= 26 ? 64 + line.length : 96 + line.length - 26;
    text += `${String.fromCharCode(length)}${base85(line)}\n`;
  }
  return `${text}\n`;
}

/** A name as git quotes it where it has to: C escapes, bytes above 127 in octal. As latin1. */
function quoted(prefix: string, path: Buffer): string {
  const name = `${prefix}${path.toString('latin1')}`;
  if (/^[ !#-[\]-~]*$/.test(name)) return name;
  const short: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  const escaped = name.replace(/[^ !#-[\]-~]/g, (character) => {
    return short[character] ?? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  });
  return `"${escaped}"`;
}

/** git knows two modes of files, and links. */
const gitMode = (state: State): string =>
  state.type === 'symlink' ? '120000' : (state.mode & 0o100) !== 0 ? '100755' : '100644';

const blobName = (content: Buffer | undefined): string =>
  content
    ? createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
    : '0'.repeat(40);

const known = (state: State | undefined): state is State =>
  state?.type === 'file' || state?.type === 'symlink';

const bytesOf = (state: State | undefined, place: Buffer | undefined): Buffer | undefined =>
  !known(state) ? undefined : state.type === 'symlink' ? (state.link ?? Buffer.alloc(0)) : contentOf(place);

/** Why an item cannot be said in a patch. */
function unsayable({ before, after }: Item): string | undefined {
  const types = [before?.type, after?.type];
  if (types.some((type) => type === 'fifo' || type === 'socket' || type === 'device'))
    return 'not a file, folder or link';
  if (types.every((type) => type === undefined || type === 'directory')) return 'a folder';
  for (const state of [before, after]) {
    if (state?.type === 'file' && !state.sha256) return 'cannot be read';
    if ((state?.size ?? 0) > LARGEST) return 'larger than 16 MiB';
  }
  return undefined;
}

/** One part of a change from one file to another. As latin1. */
function part(item: Item, before: State | undefined, after: State | undefined): string {
  const [a, b] = [bytesOf(before, item.original), bytesOf(after, item.source)];
  const [old, fresh] = [quoted('a/', item.path), quoted('b/', item.path)];
  let text = `diff --git ${old} ${fresh}\n`;
  if (!known(before) && known(after)) text += `new file mode ${gitMode(after)}\n`;
  else if (known(before) && !known(after)) text += `deleted file mode ${gitMode(before)}\n`;
  else if (known(before) && known(after) && gitMode(before) !== gitMode(after)) {
    text += `old mode ${gitMode(before)}\nnew mode ${gitMode(after)}\n`;
  }
  const [left, right] = [a ?? Buffer.alloc(0), b ?? Buffer.alloc(0)];
  if (a && b && a.equals(b)) return text;
  const same = known(before) && known(after) && gitMode(before) === gitMode(after);
  text += `index ${blobName(a)}..${blobName(b)}${same ? ` ${gitMode(after)}` : ''}\n`;
  if (left.length === 0 && right.length === 0) return text;
  if (left.includes(0) || right.includes(0))
    return `${text}GIT binary patch\n${literal(right)}${literal(left)}`;
  // a tab ends a name with spaces: patch(1) would take the rest for a date
  const tail = item.path.includes(0x20) ? '\t' : '';
  text += `--- ${a ? `${old}${tail}` : '/dev/null'}\n+++ ${b ? `${fresh}${tail}` : '/dev/null'}\n`;
  const lines: string[] = [];
  for (const line of unifiedDiff(left, right)) lines.push(`${MARKS[line.kind]}${line.text}\n`);
  return text + lines.join('');
}

/** @param items in the order of paths @returns pieces of the patch, as bytes; what it cannot say comes first, as remarks */
export function* gitDiff(items: readonly Item[]): Generator<Buffer> {
  const ordered = [...items].sort((a, b) => Buffer.compare(a.path, b.path));
  for (const item of ordered) {
    const why = unsayable(item);
    if (why !== undefined)
      yield Buffer.from(`# not in this patch: ${escapePath(item.path)} (${item.kind}: ${why})\n`);
    else if (
      item.after &&
      item.after.type !== 'directory' &&
      (item.after.mode & 0o666) !== 0o644 &&
      item.after.type === 'file'
    )
      yield Buffer.from(
        `# mode ${item.after.mode.toString(8)} of ${escapePath(item.path)}: a patch knows 644 and 755\n`,
      );
  }
  for (const item of ordered) {
    if (unsayable(item) !== undefined) continue;
    const { before, after } = item;
    // a change of type is a deletion and a new file
    const turned = known(before) && known(after) && before.type !== after.type;
    if (turned) {
      yield Buffer.from(part(item, before, undefined), 'latin1');
      yield Buffer.from(part(item, undefined, after), 'latin1');
    } else yield Buffer.from(part(item, before, after), 'latin1');
  }
}
