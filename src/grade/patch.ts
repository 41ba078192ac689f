/**
 * A unified diff as edits: strict, as `git apply` without fuzz. The context must be there, somewhere in the file; nothing
 * outside of the workspace, and nothing behind a link, is touched. Texts are bytes, one character each (latin1).
 *
 * Format: POSIX diff(1) -u, and the extended headers of git-diff(1) for new, deleted and renamed files and modes.
 *
 * @module
 */
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edits } from './edits.ts';

export type Patched = { ok: true; edits: Edits } | { ok: false; problem: string };

interface Hunk {
  line: number;
  start: number;
  old: string[];
  now: string[];
}

interface FilePatch {
  from: string | undefined;
  to: string | undefined;
  mode?: number;
  hunks: Hunk[];
}

class PatchError extends Error {}

/** A file name of a header: quoted as git does, or up to a tab; without `a/` and `b/`. */
function nameOf(text: string, strip: boolean): string | undefined {
  let name = text;
  if (name.startsWith('"')) {
    const escapes: Record<string, string> = {
      n: '\n',
      t: '\t',
      r: '\r',
      a: '\x07',
      b: '\b',
      f: '\f',
      v: '\v',
    };
    name = name
      .replace(/^"(.*)"\s*$/s, '$1')
      .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
        code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
      );
  } else name = name.replace(/\t.*$/, '');
  if (name === '/dev/null') return undefined;
  return strip ? name.replace(/^[^/]*\//, '') : name;
}

function requireInside(name: string | undefined, workspace: string): void {
  if (name === undefined) return;
  const parts = name.split('/');
  if (
    name === '' ||
    name.startsWith('/') ||
    parts.some((part) => part === '..' || part === '.' || part === '')
  ) {
    throw new PatchError(`${JSON.stringify(name)} is not a path inside the workspace`);
  }
  for (let length = 1; length <= parts.length; length++) {
    const path = parts.slice(0, length).join('/');
    if (
      lstatSync(join(workspace, Buffer.from(path, 'latin1').toString()), {
        throwIfNoEntry: false,
      })?.isSymbolicLink()
    ) {
      throw new PatchError(`${path} is a link: a patch does not go through links`);
    }
  }
}

/** @throws PatchError with the line that is wrong */
function parse(text: string): FilePatch[] {
  const lines = text.split('\n');
  const files: FilePatch[] = [];
  const headed = lines.some((line) => /^(---|\+\+\+) [ab]\//.test(line) || line.startsWith('diff --git '));
  let file: FilePatch | undefined;
  const begin = (next: FilePatch) => {
    file = next;
    files.push(next);
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const git = /^diff --git (?:"?a\/(.*?)"?) (?:"?b\/(.*?)"?)$/.exec(line);
    if (git) begin({ from: git[1], to: git[2], hunks: [] });
    else if (file && line.startsWith('new file mode '))
      Object.assign(file, { from: undefined, mode: Number.parseInt(line.slice(14), 8) });
    else if (file && line.startsWith('deleted file mode ')) file.to = undefined;
    else if (file && line.startsWith('new mode ')) file.mode = Number.parseInt(line.slice(9), 8);
    else if (file && line.startsWith('rename from ')) file.from = nameOf(line.slice(12), false);
    else if (file && line.startsWith('rename to ')) file.to = nameOf(line.slice(10), false);
    else if (line.startsWith('GIT binary patch') || line.startsWith('Binary files '))
      throw new PatchError(`line ${at + 1}: binary files cannot be patched`);
    else if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ')) {
      const names = {
        from: nameOf(line.slice(4), headed),
        to: nameOf((lines[at + 1] as string).slice(4), headed),
      };
      if (file && file.hunks.length === 0) Object.assign(file, names);
      else begin({ ...names, hunks: [] });
      at++;
    } else if (line.startsWith('@@ ')) {
      if (!file) throw new PatchError(`line ${at + 1}: a hunk without a file`);
      const { hunk, next } = parseHunk(lines, at);
      file.hunks.push(hunk);
      at = next - 1;
    }
  }
  return files;
}

function parseHunk(lines: readonly string[], at: number): { hunk: Hunk; next: number } {
  const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(lines[at] as string);
  if (!head) throw new PatchError(`line ${at + 1}: not the head of a hunk`);
  let [old, now] = [Number(head[2] ?? 1), Number(head[4] ?? 1)];
  const hunk: Hunk = { line: at + 1, start: Number(head[1]), old: [], now: [] };
  let next = at + 1;
  let last: ' ' | '-' | '+' = ' ';
  for (; next < lines.length; next++) {
    const line = lines[next] as string;
    if (line.startsWith('\\')) {
      for (const side of last === '-' ? [hunk.old] : last === '+' ? [hunk.now] : [hunk.old, hunk.now]) {
        side.push((side.pop() as string).slice(0, -1));
      }
      continue;
    }
    if (old === 0 && now === 0) break;
    const kind = (line[0] ?? ' ') as ' ' | '-' | '+';
    if (kind !== ' ' && kind !== '-' && kind !== '+')
      throw new PatchError(`line ${next + 1}: not a line of a hunk`);
    const content = `${line.slice(1)}\n`;
    if (kind !== '+') old = hunk.old.push(content) && old - 1;
    if (kind !== '-') now = hunk.now.push(content) && now - 1;
    if (old < 0 || now < 0) throw new PatchError(`line ${next + 1}: the hunk is longer than its head says`);
    last = kind;
  }
  if (old !== 0 || now !== 0) throw new PatchError(`line ${at + 1}: the hunk is shorter than its head says`);
  return { hunk, next };
}

/** Lines with their ends, so that a last line without one is another line. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function applyHunks(name: string, content: string, hunks: readonly Hunk[]): string {
  const lines = linesOf(content);
  let shift = 0;
  let floor = 0;
  for (const { line, start, old, now } of hunks) {
    const wanted = Math.max(0, start - (old.length === 0 ? 0 : 1)) + shift;
    const fits = (at: number) => at >= floor && old.every((text, index) => lines[at + index] === text);
    let at = -1;
    for (let distance = 0; distance <= lines.length && at < 0; distance++) {
      if (fits(wanted - distance)) at = wanted - distance;
      else if (fits(wanted + distance)) at = wanted + distance;
      if (old.length === 0) at = Math.min(wanted, lines.length);
    }
    if (at < 0) throw new PatchError(`line ${line}: ${name} does not have the lines that this hunk expects`);
    lines.splice(at, old.length, ...now);
    shift += now.length - old.length + (at - wanted);
    floor = at + now.length;
  }
  return lines.join('');
}

/**
 * What a patch makes of the files of a folder.
 *
 * @param text the patch, as latin1
 */
export function readPatch(text: string, workspace: string): Patched {
  const edits = new Map<string, { content: string | undefined; mode?: number }>();
  try {
    const files = parse(text);
    if (files.length === 0) throw new PatchError('it has no file in it: it is not a unified diff');
    for (const { from, to, mode, hunks } of files) {
      requireInside(from, workspace);
      requireInside(to, workspace);
      const path = (name: string) => Buffer.from(name, 'latin1').toString();
      const stats =
        from === undefined ? undefined : lstatSync(join(workspace, path(from)), { throwIfNoEntry: false });
      const known = from === undefined ? undefined : edits.get(path(from));
      if (from !== undefined && !stats?.isFile() && known?.content === undefined)
        throw new PatchError(`${from} is not a file of the workspace`);
      if (
        from === undefined &&
        to !== undefined &&
        lstatSync(join(workspace, path(to)), { throwIfNoEntry: false })
      )
        throw new PatchError(`${to} is there already`);
      if (mode !== undefined && (mode & 0o170000) === 0o120000) throw new PatchError(`${to} would be a link`);
      const before =
        from === undefined ? '' : (known?.content ?? readFileSync(join(workspace, path(from)), 'latin1'));
      const after = applyHunks(to ?? from ?? '', before, hunks);
      if (from !== undefined && from !== to) edits.set(path(from), { content: undefined });
      if (to !== undefined)
        edits.set(path(to), { content: after, ...(mode !== undefined && { mode: mode & 0o777 }) });
    }
    return { ok: true, edits };
  } catch (error) {
    if (error instanceof PatchError) return { ok: false, problem: error.message };
    return { ok: false, problem: (error as Error).message };
  }
}
