/**
 * The commands of a shell script as lists of words: quotes, continued lines, comments, assignments, arrays, substitutions. Nothing
 * is run, and branches are not followed: all commands of the text count.
 *
 * Source: POSIX.1-2017, Shell Command Language; bash(1), ARRAYS.
 *
 * @module
 */
import type { Position } from '../../contract/index.ts';
import type { Fault } from './tree.ts';

export interface Word {
  /** Quotes removed. What is not known stays as `${NAME}`, what several words may stand for as `${NAME[@]}`. */
  readonly text: string;
  readonly at: Position;
  /** Whether quotes hold it together; else a value that is not known may be several words, or none. */
  readonly quoted: boolean;
}

export type Command = readonly Word[];

export interface Script {
  readonly commands: readonly Command[];
  readonly faults: readonly Fault[];
}

/** Commands beyond this many are a mistake; substitutions deeper than this are an attack on the reader. */
const MAX_COMMANDS = 10_000;
const MAX_NESTING = 16;
/** Longest value of a variable: they can double line by line. */
const MAX_VALUE = 65_536;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** How a value that only the place of use knows is written here. */
export const unknownValue = (name: string): string => `\${${name}}`;

/** Reads a script, or a line as typed. Never throws. */
export function readScript(text: string): Script {
  const unix = text.replaceAll('\r\n', ' \n');
  const starts = [0];
  for (let at = unix.indexOf('\n'); at !== -1; at = unix.indexOf('\n', at + 1)) starts.push(at + 1);
  const scanner = new Scanner({ text: unix, starts, variables: new Variables() }, 0, 0, unix.length);
  scanner.script(undefined);
  return { commands: scanner.commands, faults: scanner.faults };
}

class Variables {
  readonly values = new Map<string, string>();
  readonly arrays = new Map<string, readonly Word[]>();
}

/** What scanners of one text share. */
interface Shared {
  readonly text: string;
  /** Offsets at which lines start. */
  readonly starts: readonly number[];
  readonly variables: Variables;
}

class Scanner {
  readonly commands: Command[] = [];
  readonly faults: Fault[] = [];
  readonly #shared: Shared;
  readonly #text: string;
  readonly #variables: Variables;
  readonly #depth: number;
  readonly #end: number;
  #offset: number;
  #heredocs: { delimiter: string; dashed: boolean }[] = [];

  constructor(shared: Shared, depth: number, start: number, end: number) {
    this.#shared = shared;
    this.#text = shared.text;
    this.#variables = shared.variables;
    this.#depth = depth;
    this.#offset = start;
    this.#end = end;
  }

  /** Reads commands up to the end, or up to `)`; the position after it is the scanner's. */
  script(close: ')' | undefined): void {
    let words: Word[] = [];
    const end = () => {
      const command = this.#assign(words);
      if (command.length > 0 && this.commands.length < MAX_COMMANDS) this.commands.push(command);
      words = [];
    };
    while (this.#offset < this.#end) {
      const character = this.#text[this.#offset] as string;
      if (character === '\\' && this.#text[this.#offset + 1] === '\n') this.#offset += 2;
      else if (character === ' ' || character === '\t' || character === '\r') this.#offset += 1;
      else if (character === '#') this.#skipLine();
      else if (character === '\n') {
        end();
        this.#offset += 1;
        this.#skipHeredocs();
      } else if (character === ')' && close !== undefined) {
        this.#offset += 1;
        end();
        return;
      } else if (';&|()'.includes(character)) {
        end();
        this.#offset += 1;
      } else if (character === '<' || character === '>') this.#redirection();
      else if (/\d/.test(character) && /^\d+[<>]/.test(this.#text.slice(this.#offset, this.#offset + 4)))
        this.#offset += 1;
      else words.push(...this.#word());
    }
    end();
  }

  /** Takes leading assignments in; what is left is the command. */
  #assign(words: readonly Word[]): Word[] {
    const rest = [...words];
    while (rest[0] !== undefined) {
      const match = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/.exec(rest[0].text);
      if (match === null) break;
      // before a command it holds for that command's environment alone
      if (rest.length === 1 || /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(rest.at(-1)?.text ?? '')) {
        const [whole, name, plus] = match as unknown as [string, string, string];
        const before = plus === '' ? '' : (this.#variables.values.get(name) ?? unknownValue(name));
        const value = before + rest[0].text.slice(whole.length);
        this.#variables.values.set(name, value.length > MAX_VALUE ? unknownValue(name) : value);
      }
      rest.shift();
    }
    const [first, ...others] = rest;
    if (first !== undefined && /^(export|readonly|local|declare|typeset)$/.test(first.text)) {
      this.#assign(others.filter(({ text }) => !text.startsWith('-')));
      return [];
    }
    return rest;
  }

  #position(offset: number): Position {
    const { starts } = this.#shared;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  }

  /** Where a text is next, if that is before the end. */
  #find(text: string, from: number): number | undefined {
    const at = this.#text.indexOf(text, from);
    return at === -1 || at >= this.#end ? undefined : at;
  }

  #fault(offset: number, message: string, hint: string): void {
    this.faults.push({ ...this.#position(offset), path: [], message, hint });
  }

  #skipLine(): void {
    this.#offset = this.#find('\n', this.#offset) ?? this.#end;
  }

  #redirection(): void {
    const operator = /<<<|<<-|<<|>>|<&|>&|<>|>\||[<>]/y;
    operator.lastIndex = this.#offset;
    const [found] = operator.exec(this.#text) as unknown as [string];
    this.#offset += found.length;
    // `<(…)` and `>(…)` are commands of their own
    if (this.#text[this.#offset] === '(') return;
    while (/[ \t]/.test(this.#text[this.#offset] ?? '')) this.#offset += 1;
    if (/[\n;&|)]/.test(this.#text[this.#offset] ?? '\n')) return;
    const [target] = this.#word();
    if (found === '<<' || found === '<<-')
      this.#heredocs.push({ delimiter: target?.text ?? '', dashed: found === '<<-' });
  }

  #skipHeredocs(): void {
    for (const { delimiter, dashed } of this.#heredocs)
      while (this.#offset < this.#end) {
        const start = this.#offset;
        this.#skipLine();
        const line = this.#text.slice(start, this.#offset);
        this.#offset += 1;
        if ((dashed ? line.replace(/^\t+/, '') : line) === delimiter) break;
      }
    this.#heredocs = [];
  }

  /** One word of the text; several where an array is written out. */
  #word(): readonly Word[] {
    const start = this.#offset;
    const at = this.#position(start);
    let text = '';
    while (this.#offset < this.#end) {
      const character = this.#text[this.#offset] as string;
      if (/[\s;&|<>()]/.test(character)) {
        const array = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=$/.exec(text);
        if (character === '(' && array !== null) {
          this.#array(array[1] as string, array[2] === '+');
          return [];
        }
        break;
      }
      text += this.#piece();
    }
    if (this.#offset === start) this.#offset += 1;
    const array = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\[[@*]\]\}$/.exec(text);
    const known = array === null ? undefined : this.#variables.arrays.get(array[1] as string);
    return known ?? [{ text, at, quoted: /["']/.test(this.#text.slice(start, this.#offset)) }];
  }

  #array(name: string, adds: boolean): void {
    this.#offset += 1;
    const words: Word[] = adds ? [...(this.#variables.arrays.get(name) ?? [])] : [];
    while (this.#offset < this.#end && this.#text[this.#offset] !== ')') {
      const character = this.#text[this.#offset] as string;
      if (character === '\\' && this.#text[this.#offset + 1] === '\n') this.#offset += 2;
      else if (/\s/.test(character)) this.#offset += 1;
      else if (character === '#') this.#skipLine();
      else words.push(...this.#word());
    }
    this.#offset += 1;
    // arrays can double, too
    if (words.length > 5_000) this.#variables.arrays.delete(name);
    else this.#variables.arrays.set(name, words);
  }

  /** What the next character, or the quoted part that it begins, stands for. */
  #piece(): string {
    const character = this.#text[this.#offset] as string;
    if (character === "'") return this.#single();
    if (character === '"') return this.#double();
    if (character === '$' || character === '`') return this.#expansion();
    if (character === '\\') {
      const next = this.#text[this.#offset + 1] ?? '';
      this.#offset += 2;
      return next === '\n' ? '' : next;
    }
    this.#offset += 1;
    return character;
  }

  #single(): string {
    const start = this.#offset;
    const end = this.#find("'", start + 1);
    if (end === undefined) this.#fault(start, "a ' is not closed", "Close it with '.");
    this.#offset = end === undefined ? this.#end : end + 1;
    return this.#text.slice(start + 1, end ?? this.#end);
  }

  #double(): string {
    const start = this.#offset;
    this.#offset += 1;
    let text = '';
    while (this.#offset < this.#end && this.#text[this.#offset] !== '"') {
      const character = this.#text[this.#offset] as string;
      const next = this.#text[this.#offset + 1] ?? '';
      if (character === '$' || character === '`') text += this.#expansion();
      else if (character === '\\' && '"\\$`\n'.includes(next)) {
        text += next === '\n' ? '' : next;
        this.#offset += 2;
      } else {
        text += character;
        this.#offset += 1;
      }
    }
    if (this.#offset >= this.#end) this.#fault(start, 'a " is not closed', 'Close it with ".');
    this.#offset += 1;
    return text;
  }

  #expansion(): string {
    const start = this.#offset;
    if (this.#text[start] === '`') {
      const end = this.#find('`', start + 1) ?? this.#end;
      this.#offset = Math.min(end + 1, this.#end);
      return this.#substitution(start + 1, end);
    }
    const next = this.#text[start + 1] ?? '';
    if (next === "'") {
      this.#offset += 1;
      return this.#single();
    }
    if (next === '(') return this.#parentheses(start);
    if (next === '{') return this.#braces(start);
    if (/[@*#?$!\d-]/.test(next)) {
      this.#offset += 2;
      return next === '@' || next === '*' ? unknownValue('@[@]') : unknownValue(next);
    }
    NAME.lastIndex = start + 1;
    const name = NAME.exec(this.#text)?.[0];
    this.#offset += 1 + (name?.length ?? 0);
    return name === undefined ? '$' : this.#value(name);
  }

  #value(name: string): string {
    return this.#variables.values.get(name) ?? unknownValue(name);
  }

  #braces(start: number): string {
    let depth = 0;
    let end = start + 1;
    for (; end < this.#end; end += 1) {
      if (this.#text[end] === '{') depth += 1;
      if (this.#text[end] === '}') depth -= 1;
      if (depth === 0) break;
    }
    if (end >= this.#end) this.#fault(start, 'a ${ is not closed', 'Close it with }.');
    const inner = this.#text.slice(start + 2, end);
    this.#offset = Math.min(end + 1, this.#end);
    const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(\[[@*]\])|:?([-=])([\s\S]*))?$/.exec(inner);
    if (match === null) return unknownValue(/^[A-Za-z_][A-Za-z0-9_]*/.exec(inner)?.[0] ?? '?');
    const [, name, all, operator, other] = match as unknown as [string, string, string?, string?, string?];
    if (all !== undefined) return unknownValue(`${name}[@]`);
    if (this.#variables.values.has(name) || operator === undefined) return this.#value(name);
    if (this.#depth >= MAX_NESTING) return unknownValue(name);
    return new Scanner(this.#shared, this.#depth + 1, end - (other ?? '').length, end).whole();
  }

  /** The text as one word, with what stands in it written out. */
  whole(): string {
    let text = '';
    while (this.#offset < this.#end) text += this.#piece();
    return text;
  }

  #parentheses(start: number): string {
    if (this.#text.startsWith('$((', start)) {
      this.#offset = (this.#find('))', start) ?? this.#end) + 2;
      return unknownValue('?');
    }
    if (this.#depth >= MAX_NESTING) {
      this.#fault(start, `substitutions within substitutions, more than ${MAX_NESTING}`, 'Write them apart.');
      this.#offset = this.#end;
      return '';
    }
    // where it ends is known after it was read: quotes within it may hold parentheses
    const inner = new Scanner(this.#shared, this.#depth + 1, start + 2, this.#end);
    inner.script(')');
    this.#offset = inner.#offset;
    return this.#answer(inner);
  }

  #substitution(start: number, end: number): string {
    if (this.#depth >= MAX_NESTING) return unknownValue('?');
    const inner = new Scanner(this.#shared, this.#depth + 1, start, end);
    inner.script(undefined);
    return this.#answer(inner);
  }

  /** Substitutions whose answer has a name of its own keep it; those of others are not known. */
  #answer(inner: Scanner): string {
    this.commands.push(...inner.commands);
    this.faults.push(...inner.faults);
    const line = inner.commands.length === 1 ? inner.commands[0]?.map(({ text }) => text).join(' ') : '';
    if (line === 'pwd' || line === 'pwd -P' || line === 'realpath .') return unknownValue('PWD');
    if (line === 'id -u') return unknownValue('UID');
    if (line === 'whoami' || line === 'id -un') return unknownValue('USER');
    return unknownValue('?');
  }
}
