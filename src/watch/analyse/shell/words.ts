/**
 * Words of a shell as far as they can be known without running it: quotes and escapes undone, variables put in where the
 * script itself gave them a constant value. What cannot be known stays as it is written, and is marked.
 *
 * @module
 */
import type { Word, WordPart } from 'unbash';

/** Values of variables that the script set, or that are known from the start (`HOME`). */
export type Variables = Map<string, string>;

export interface Known {
  text: string;
  /** true: all of it is constant */
  constant: boolean;
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
  for (const part of parts) {
    const piece = pieceOf(part, variables);
    text += piece.text;
    constant &&= piece.constant;
    if (text.length > LONGEST) return { text: text.slice(0, LONGEST), constant: false };
  }
  return { text, constant };
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
      return echoed(part.script?.commands, variables) ?? { text: part.text, constant: false };
    default:
      return { text: part.text, constant: false };
  }
}

function variable(text: string, variables: Variables): Known {
  const name = NAME.exec(text)?.[1];
  const value = name === undefined ? undefined : variables.get(name);
  return value === undefined ? { text, constant: false } : { text: value, constant: true };
}

/** `$(echo rm)` and `$(printf rm)` are constant, and a way to hide a word. */
function echoed(
  commands: readonly { command: { type: string } }[] | undefined,
  variables: Variables,
): Known | undefined {
  const [only, more] = commands ?? [];
  if (only === undefined || more !== undefined || only.command.type !== 'Command') return undefined;
  const { name, suffix } = only.command as unknown as {
    name?: Word;
    suffix: readonly (Word | { type: string })[];
  };
  if (name === undefined || !['echo', 'printf'].includes(name.value)) return undefined;
  const words: Known[] = [];
  for (const word of suffix) {
    if (word.type !== 'Word') return undefined;
    words.push(wordValue(word as Word, variables));
  }
  const texts = words.map(({ text }) => text).filter((text, index) => index > 0 || !/^-[neE]+$/.test(text));
  if (texts.some((text) => text.includes('%') || text.includes('\\'))) return undefined;
  return { text: texts.join(' '), constant: words.every(({ constant }) => constant) };
}
