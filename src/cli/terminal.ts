/**
 * Where a command writes, and how: colour only where it is wanted (NO_COLOR, FORCE_COLOR, --no-color), status lines
 * only on a terminal.
 *
 * @module
 */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** What a terminal needs of a stream; `process.stdout` and `process.stderr` fit. */
export interface Sink {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Terminal {
  /** Results go to standard output. */
  out(text: string): void;
  /** Messages go to standard error. */
  err(text: string): void;
  /** Colours text meant for standard output (`out`) or standard error (`err`), where that is wanted. */
  style(style: Style, text: string, target?: 'out' | 'err'): string;
  /** True where standard error is a terminal on which a line may be redrawn. */
  interactive: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  columns: number;
}

/**
 * Whether to colour, by the conventions of no-color.org and force-color.org: the command line first, then NO_COLOR
 * (set and not empty), then FORCE_COLOR, then whether the stream is a terminal that can.
 */
export function wantsColour(
  flag: { noColor: boolean },
  environment: Record<string, string | undefined>,
  isTerminal: boolean,
): boolean {
  if (flag.noColor) return false;
  if (environment.NO_COLOR) return false;
  const force = environment.FORCE_COLOR;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return isTerminal && environment.TERM !== 'dumb';
}

/** @param options.environment usually `process.env` */
export function createTerminal(options: {
  stdout: Sink;
  stderr: Sink;
  environment: Record<string, string | undefined>;
  noColor: boolean;
}): Terminal {
  const { stdout, stderr, environment } = options;
  const colour = {
    out: wantsColour(options, environment, stdout.isTTY === true),
    err: wantsColour(options, environment, stderr.isTTY === true),
  };
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    style: (style, text, target = 'out') =>
      colour[target] ? styleText(style, text, { validateStream: false }) : text,
    interactive: stderr.isTTY === true && environment.TERM !== 'dumb',
    columns: stdout.columns ?? stderr.columns ?? 80,
  };
}
