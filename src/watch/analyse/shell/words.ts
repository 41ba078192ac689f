/**
 * Words of a shell as far as they can be known without running it: quotes and escapes undone, variables put in where the
 * script itself gave them a constant value. What cannot be known stays as it is written, and is marked.
 *
 * @module
 */
import type { ParsedScript, Word, WordPart } from 'unbash';
import { outputOf } from './output.ts';
import { basename } from './wrappers.ts';

/** Values of variables that the script set, or that are known from the start (`HOME`); `&5`: what descriptor 5 was opened on. */
export type Variables = Map<string, string>;

export interface Known {
  text: string;
  /** true: all of it is constant */
  constant: boolean;
  /** some of it was made readable on the way: `$(base64 -d …)` */
  decoded?: boolean;
}

/** Longest text that is put together from variables, characters: doubling variables must not fill memory. */
const LONGEST = 65_536;

const NAME = /^\$\{?([A-Za-z_]\w*)\}?$/;

export function wordValue(word: Word, variables: Variables): Known {
  if (word.parts === undefined) return { text: untilde(word.value, variables), constant: true };
  const known = joined(word.parts, variables);
  const [first] = word.parts;
  // a tilde is one only at the beginning, and not in quotes (POSIX.1-2024, XCU 2.6.1)
  return first?.type === 'Literal' && first.text.startsWith('~')
    ? { ...known, text: untilde(known.text, variables) }
    : known;
}

function untilde(text: string, variables: Variables): string {
  const home = variables.get('HOME');
  return home !== undefined && (text === '~' || text.startsWith('~/')) ? home + text.slice(1) : text;
}

function joined(parts: readonly WordPart[], variables: Variables): Known {
  let text = '';
  let constant = true;
  let decoded = false;
  for (const part of parts) {
    const piece = pieceOf(part, variables);
    text += piece.text;
    constant &&= piece.constant;
    decoded ||= piece.decoded === true;
    if (text.length > LONGEST) return { text: text.slice(0, LONGEST), constant: false };
  }
  return { text, constant, ...(decoded && { decoded }) };
}

function pieceOf(part: WordPart, variables: Variables): Known {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return { text: part.value, constant: true };
    case 'DoubleQuoted':
    case 'LocaleString':
      return joined(part.parts, variables);
    case 'SimpleExpansion':
      return variable(part.text, variables);
    case 'ParameterExpansion': {
      const plain = part.operation === undefined && part.prefix === undefined && part.index === undefined;
      if (plain) return variable(part.text, variables);
      const { operation } = part;
      // ${NAME:-default}, where nothing set NAME
      const value = variables.get(part.parameter);
      if (operation?.type === 'Default' && operation.operator.endsWith('-'))
        return value === undefined
          ? { ...wordValue(operation.operand, variables), constant: false }
          : { text: value, constant: true };
      return { text: part.text, constant: false };
    }
    case 'CommandExpansion':
      return printed(part.script, variables) ?? { text: part.text, constant: false };
    default:
      return { text: part.text, constant: false };
  }
}

function variable(text: string, variables: Variables): Known {
  const name = NAME.exec(text)?.[1];
  const value = name === undefined ? undefined : variables.get(name);
  return value === undefined ? { text, constant: false } : { text: value, constant: true };
}

/** Programs that make another text of a text. */
export const ENCODERS: ReadonlySet<string> = new Set(
  'base64 base32 xxd openssl gunzip zcat tr rev uudecode hex'.split(' '),
);

/** `$(echo rm)` and `$(echo cm0= | base64 -d)` are constant, and ways to hide a word. */
function printed(script: ParsedScript | undefined, variables: Variables): Known | undefined {
  const [only, more] = script?.commands ?? [];
  if (only === undefined || more !== undefined) return undefined;
  const stages = only.command.type === 'Pipeline' ? only.command.commands : [only.command];
  let carried: string | undefined;
  let decoded = false;
  let constant = true;
  for (const stage of stages) {
    if (stage.type !== 'Command' || stage.name === undefined) return undefined;
    for (const one of stage.redirects) {
      if (one.type !== 'HereString' || one.target === undefined) return undefined;
      carried = `${wordValue(one.target, variables).text}\n`;
    }
    const words: string[] = [];
    for (const word of [stage.name, ...stage.args]) {
      if (word.type === 'Assignment') return undefined;
      const known = wordValue(word, variables);
      words.push(known.text);
      constant &&= known.constant;
    }
    carried = outputOf(words, carried);
    if (carried === undefined) return undefined;
    decoded ||= ENCODERS.has(basename(words[0] ?? ''));
  }
  return carried === undefined
    ? undefined
    : { text: carried.replace(/\n+$/, ''), constant, ...(decoded && { decoded }) };
}
