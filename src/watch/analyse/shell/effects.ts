/**
 * What a simple command does to files, by what its program is known to do with its arguments.
 *
 * @module
 */
import type { SimpleCommand } from './commands.ts';
import { takesAll } from './find.ts';
import type { Parsed } from './options.ts';

export interface Effects {
  reads: string[];
  writes: string[];
  deletes: string[];
  /** the deletion takes all that lies below */
  recursive: boolean;
}

const READERS = new Set(
  'cat head tail less more nl tac bat strings xxd od hexdump base64 base32 sort uniq wc md5sum sha256sum gpg age openssl source . vim vi nano view cut paste column jq yq rg'.split(
    ' ',
  ),
);
const PATTERN_FIRST = new Set(['grep', 'egrep', 'fgrep', 'rg', 'awk', 'gawk', 'mawk', 'sed', 'jq', 'yq']);

const valuesOf = ({ options }: Parsed, ...names: string[]): string[] =>
  options.flatMap((option) => {
    const at = option.indexOf('=');
    return names.includes(option.slice(0, at)) ? [option.slice(at + 1)] : [];
  });

export function effectsOf(program: string, command: SimpleCommand, parsed: Parsed): Effects {
  const effects: Effects = {
    reads: [...command.inputs],
    writes: [...command.outputs],
    deletes: [],
    recursive: false,
  };
  const { flags, operands } = parsed;
  const has = (...names: string[]) => names.some((name) => flags.includes(name));
  const last = operands.at(-1);
  if (READERS.has(program)) effects.reads.push(...operands);
  if (PATTERN_FIRST.has(program)) {
    effects.reads.push(...(has('e', 'f', 'regexp', 'file', 'expression') ? operands : operands.slice(1)));
    if (program === 'sed' && has('i', 'in-place')) effects.writes.push(...operands.slice(has('e') ? 0 : 1));
  }
  switch (program) {
    case 'cp':
    case 'install':
    case 'mv':
    case 'ln':
    case 'rsync':
    case 'scp':
    case 'sftp': {
      if (operands.length < 2 || last === undefined) break;
      const sources = operands.slice(0, -1);
      effects.reads.push(...sources);
      effects.writes.push(...sources.map((source) => intoFolder(source, last)), last);
      if (program === 'mv' && last === '/dev/null') effects.deletes.push(...sources);
      if (program === 'rsync' && flags.some((flag) => flag.startsWith('delete'))) {
        effects.deletes.push(last);
        effects.recursive = true;
      }
      break;
    }
    case 'tee':
    case 'touch':
      effects.writes.push(...operands);
      break;
    case 'truncate':
      effects.writes.push(...operands);
      if (valuesOf(parsed, 's', 'size').some((size) => /^-?0/.test(size))) effects.deletes.push(...operands);
      break;
    case 'dd':
      for (const operand of operands) {
        if (operand.startsWith('if=')) effects.reads.push(operand.slice(3));
        if (operand.startsWith('of=')) effects.writes.push(operand.slice(3));
      }
      break;
    case 'tar':
    case 'zip':
    case '7z':
    case 'gzip':
    case 'zstd':
    case 'xz':
      effects.reads.push(...operands);
      effects.writes.push(...valuesOf(parsed, 'f', 'file').filter((file) => file !== '-'));
      if (has('remove-files')) {
        effects.deletes.push(...operands);
        effects.recursive = true;
      }
      break;
    case 'curl':
    case 'http':
    case 'https':
      effects.reads.push(
        ...valuesOf(parsed, 'T', 'upload-file'),
        ...uploads(parsed),
        ...operands.flatMap((word) => /^\w+@(.+)$/.exec(word)?.[1] ?? []),
      );
      effects.writes.push(...valuesOf(parsed, 'o', 'output'));
      break;
    case 'wget':
      effects.reads.push(...valuesOf(parsed, 'post-file', 'body-file'));
      effects.writes.push(...valuesOf(parsed, 'O', 'output-document'));
      break;
    case 'rm':
    case 'shred':
    case 'srm':
    case 'wipe':
      effects.deletes.push(...operands);
      effects.recursive = has('r', 'R', 'recursive');
      break;
    case 'unlink':
    case 'rmdir':
      effects.deletes.push(...operands);
      break;
    case 'find':
      if (flags.includes('delete') && takesAll(command.words)) {
        effects.deletes.push(operands[0] ?? '.');
        effects.recursive = true;
      }
      break;
    case 'git':
      if (operands[0] === 'clean' && has('f', 'force') && !has('n', 'dry-run')) {
        effects.deletes.push(
          ...(operands.length > 1 ? operands.slice(1) : ['.']).map((path) => `${path}/untracked`),
        );
        effects.recursive = has('d');
      }
      break;
  }
  return effects;
}

/** Where `cp a/b folder` puts it, if the last word is a folder: told beside the word itself. */
const intoFolder = (source: string, target: string): string =>
  `${target.replace(/\/$/, '')}/${source.slice(source.lastIndexOf('/') + 1)}`;

/** Files named in the data of a request: `-d @file`, `-F name=@file`. */
function uploads(parsed: Parsed): string[] {
  return [
    ...valuesOf(parsed, 'd', 'data', 'data-binary', 'data-ascii', 'data-urlencode', 'json'),
    ...valuesOf(parsed, 'F', 'form'),
  ].flatMap((value) => {
    const file = /(?:^|=)[@<]([^;]+)/.exec(value)?.[1];
    return file === undefined ? [] : [file];
  });
}
