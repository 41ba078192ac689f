/**
 * What a report is shown with: the file it is about, where its clauses are written, and colours.
 *
 * @module
 */

/** A position in a file, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The clause is not written, so that its default holds; the place is where it would be. */
  readonly implied?: boolean;
}

export type Colour = 'bold' | 'dim' | 'red' | 'yellow' | 'green';

export interface View {
  /** As the caller named it. */
  readonly file?: string;
  /** Where a clause (`network[0]`, `--volume`) is written, where that is known. */
  readonly place?: (clause: string) => Place | undefined;
  /** What opens a shell where the agent would be: commands are to be typed there. */
  readonly shell?: string;
  /** Colours a whole line, or its beginning; nothing may rest on it. */
  readonly style?: (colour: Colour, text: string) => string;
}

/** `contract.yaml:26:5 network[0]`, or the clause alone. */
export function written(clause: string, { place }: View): string {
  const at = place?.(clause);
  if (at === undefined) return clause;
  return at.implied ? `${clause}, by default` : `${at.file}:${at.line}:${at.column} ${clause}`;
}
