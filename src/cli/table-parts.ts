/**
 * What the rows of the command table are made of.
 *
 * @module
 */

/** What a value is, for completion: a file, a folder, a run id, or one of the listed words. */
export type ValueKind = 'file' | 'folder' | 'run' | 'text' | readonly string[];

export interface OptionSpec {
  /** Long name without the dashes: `contract`, `no-input`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Name of the value in help, upper case. Without it the option is a switch. */
  readonly value?: string;
  readonly kind?: ValueKind;
  /** May be given several times; the values are collected. */
  readonly multiple?: boolean;
  readonly summary: string;
}

export interface ArgumentSpec {
  readonly name: string;
  readonly kind?: ValueKind;
  readonly optional?: boolean;
  /** Takes all the rest; only the last argument. */
  readonly rest?: boolean;
  readonly summary: string;
}

export interface CommandSpec {
  /** One word, or two: `log verify`. */
  readonly name: string;
  readonly summary: string;
  /** Paragraphs for help and the man page. */
  readonly description?: readonly string[];
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Everything from the first argument on belongs to another program and is passed on untouched. */
  readonly passThrough?: boolean;
  /** Its exit code is a verdict: it is given in full, also to a reader of the text that has seen enough (`| head`). */
  readonly judges?: boolean;
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  readonly exitCodes: readonly { readonly code: string; readonly when: string }[];
  /** Exit code for wrong arguments and for failures that have no code of their own. */
  readonly failure: { readonly usage: number; readonly other: number };
}

export const json = { name: 'json', summary: 'Print JSON for programs instead of text for people.' } as const;
export const contract = {
  name: 'contract',
  short: 'c',
  value: 'FILE',
  kind: 'file',
  summary: 'The contract. Default: ringfence.yaml here or in a folder above, up to the repository root.',
} as const;
export const run = {
  name: 'RUN',
  kind: 'run',
  optional: true,
  summary: 'Id of a run, or its beginning. Default: the latest run.',
} as const;
export const tty = [
  { name: 'tty', summary: 'Give the program a terminal of its own, also where input or output is none.' },
  { name: 'no-tty', summary: 'Give it none: its streams stay pipes.' },
  {
    name: 'clipboard',
    summary: 'Let the program write to your clipboard through the terminal (OSC 52). It never reads it.',
  },
] as const;

export const usual = { usage: 2, other: 1 } as const;
export const ok = { code: '0', when: 'it worked' } as const;
export const usage = { code: '2', when: 'wrong arguments' } as const;
