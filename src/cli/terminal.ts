/**
 * Where a command writes, and how: colour only where it is wanted (NO_COLOR, FORCE_COLOR, --no-color), status lines
 * only on a terminal. Node's own streams are left alone: to make them costs 4 ms at every start.
 *
 * @module
 */
import { fstatSync, writeSync } from 'node:fs';

/** SGR codes on and off (ECMA-48). */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof STYLES;

/** One of the two outputs. */
export interface Sink {
  write(text: string | Buffer): void;
  isTerminal: boolean;
  /** Width in columns where it is a terminal. */
  columns(): number | undefined;
}

export interface Terminal {
  /** Writes to standard output as it is, without adding a line end: for formats that have their own. */
  raw(text: string | Buffer): void;
  /** Writes a line: results go to standard output. */
  out(text: string): void;
  /** Writes a line: messages go to standard error. */
  err(text: string): void;
  /** Colours text meant for standard output (`out`) or standard error (`err`), where that is wanted. */
  style(style: Style, text: string, target?: 'out' | 'err'): string;
  /** True where standard error is a terminal on which a line may be redrawn. */
  interactive: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  columns(): number;
}

/** Writes all of a text at once; a pipe that is full and does not block is waited for. */
function writeAll(descriptor: number, text: string | Buffer): void {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/**
 * An output by its file descriptor.
 *
 * @param onClosed called when the reader has gone (EPIPE), as `| head` does
 */
export function descriptorSink(descriptor: 1 | 2, onClosed: () => void): Sink {
  let isTerminal = false;
  try {
    // Only a character device can be a terminal, and asking for more loads node:tty and with it node:net.
    isTerminal =
      fstatSync(descriptor).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(descriptor);
  } catch {
    // closed from the start: nothing to write to, which the first write reports
  }
  return {
    isTerminal,
    columns: () => (isTerminal ? (descriptor === 1 ? process.stdout : process.stderr).columns : undefined),
    write(text) {
      try {
        writeAll(descriptor, text);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
        onClosed();
      }
    },
  };
}

/** Most of what is written: nothing in it needs a look. */
const PLAIN = /^[\t\n -~]*$/;

/** What no line of ours holds: controls but ends of lines, and what turns, hides or is no text. */
const UNPRINTABLE = /(?![\t\n])[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu;

/** Select Graphic Rendition, as {@link Terminal.style} writes it: what comes after the escape character. */
const COLOUR = /^\[\d{1,2}m/;

/**
 * A line that drives no terminal, whoever forgot to escape a part of it. JSON stays the same JSON: escaped there are only characters
 * of its strings, U+009B (CSI), DEL and U+202E among them, which its own rules allow as they are (RFC 8259, section 7).
 */
export const printableLine = (text: string): string =>
  PLAIN.test(text)
    ? text
    : text.replace(UNPRINTABLE, (character, at: number) =>
        character === '\u001b' && COLOUR.test(text.slice(at + 1, at + 5))
          ? character
          : Array.from(
              { length: character.length },
              (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
            ).join(''),
      );

/**
 * Whether to colour, by the conventions of no-color.org and force-color.org: the command line first, then NO_COLOR
 * (set and not empty), then FORCE_COLOR, then whether the output is a terminal that can.
 */
export function wantsColour(
  noColor: boolean,
  environment: Record<string, string | undefined>,
  isTerminal: boolean,
): boolean {
  if (noColor || environment.NO_COLOR) return false;
  const force = environment.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && environment.TERM !== 'dumb';
}

/** @param options.environment usually `process.env` */
export function createTerminal(options: {
  out: Sink;
  err: Sink;
  environment: Record<string, string | undefined>;
  noColor: boolean;
}): Terminal {
  const { out, err, environment, noColor } = options;
  const colour = {
    out: wantsColour(noColor, environment, out.isTerminal),
    err: wantsColour(noColor, environment, err.isTerminal),
  };
  return {
    raw: (text) => out.write(text),
    out: (text) => out.write(`${printableLine(text)}\n`),
    err: (text) => err.write(`${printableLine(text)}\n`),
    style: (style, text, target = 'out') =>
      colour[target] ? `\u001b[${STYLES[style][0]}m${text}\u001b[${STYLES[style][1]}m` : text,
    interactive: err.isTerminal && environment.TERM !== 'dumb',
    columns: () => out.columns() ?? err.columns() ?? 80,
  };
}
