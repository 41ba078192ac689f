/**
 * `programs:` as a list → the files that Landlock lets be executed. An interpreter on the list runs anything it can
 * read: a limit that `check` prints.
 *
 * @module
 */
import { accessSync, closeSync, constants, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

export type ProgramRules = { ok: true; paths: string[] } | { ok: false; problem: string; hint: string };

function findProgram(name: string, path: string): string | undefined {
  const candidates = isAbsolute(name)
    ? [name]
    : path
        .split(':')
        .filter(isAbsolute)
        .map((folder) => join(folder, name));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

/** What the kernel opens to execute a file besides the file: the ELF interpreter, or the program after `#!`. */
function interpreters(file: string): string[] {
  const descriptor = openSync(file, 'r');
  try {
    const head = Buffer.alloc(4096);
    const length = readSync(descriptor, head, 0, head.length, 0);
    if (head.toString('latin1', 0, 2) === '#!') {
      const line = head.toString('utf8', 2, length).split('\n', 1)[0] ?? '';
      return line.trim().split(/\s+/, 1);
    }
    // ELF64 program headers: PT_INTERP (3) holds the loader's path (elf(5))
    if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return [];
    const table = Number(head.readBigUInt64LE(32));
    const count = head.readUInt16LE(56);
    for (let index = 0; index < count && table + (index + 1) * 56 <= length; index += 1) {
      const at = table + index * 56;
      if (head.readUInt32LE(at) !== 3) continue;
      const offset = Number(head.readBigUInt64LE(at + 8));
      const size = Number(head.readBigUInt64LE(at + 32));
      const text = Buffer.alloc(size);
      readSync(descriptor, text, 0, size, offset);
      return [text.toString('utf8').replace(/\0.*$/s, '')];
    }
    return [];
  } finally {
    closeSync(descriptor);
  }
}

/**
 * @param path the host's PATH; names are looked up in it as shells do
 * @param home what `~` stands for
 */
export function programRules(names: readonly string[], path: string, home: string): ProgramRules {
  const paths = new Set<string>();
  for (const name of names) {
    const program = findProgram(name.replace(/^~(?=\/)/, home), path);
    if (!program)
      return {
        ok: false,
        problem: `${name} is not a program in PATH`,
        hint: 'correct the name, or write its absolute path',
      };
    const pending = [realpathSync(program)];
    for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
      if (paths.has(file)) continue;
      paths.add(file);
      for (const interpreter of interpreters(file)) {
        try {
          pending.push(realpathSync(interpreter));
        } catch {
          return {
            ok: false,
            problem: `${file} needs ${interpreter}, which does not exist`,
            hint: 'install it, or drop the program',
          };
        }
      }
    }
  }
  return { ok: true, paths: [...paths].sort() };
}
