/**
 * What a replay is made of: who hands it over as JSON, and who runs it, know no more of each other.
 *
 * @module
 */

/** How the effect is told, always from outside of the cell. */
export type Judge =
  /** the witness's own: exits with 0 when it happened, with 77 where this machine cannot show it */
  | { readonly by: 'effect'; readonly line: string }
  /** one of these words reached a stand-in */
  | { readonly by: 'arrived'; readonly words: readonly string[] }
  /** this word, which only a stand-in or another run knew, is in the last cell's output */
  | { readonly by: 'printed'; readonly word: string }
  /** these files of the original hold the word */
  | { readonly by: 'written'; readonly path: string; readonly word: string }
  /** the change set of the run, which grading uses, names the path; of a direct workspace, the file holds the word */
  | { readonly by: 'graded'; readonly path: string; readonly word: string };

/** Something to try: what is made ready outside, what runs in cells, one after the other, and how the effect is told. */
export interface Recipe {
  readonly id: string;
  /** Recipes of one path are ways to try the same; after one that was seen no other is tried. */
  readonly path: string;
  /** The contract as it is run: the caller's, in this place, as JSON. */
  readonly contract: string;
  /** Workspace. */
  readonly work: string;
  /** Folder for marks. */
  readonly outside: string;
  /** Shell lines outside, before. */
  readonly setup: readonly string[];
  /** Words that are executed in a cell each. */
  readonly cells: readonly (readonly string[])[];
  /** The first one that is seen counts. */
  readonly judges: readonly Judge[];
  /** Unix socket of a stand-in, and file that gets what reached the stand-ins: as witnesses of services expect them. */
  readonly service?: { readonly socket: string; readonly seen: string };
  /** Environment of the person who sets up and starts it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Where stand-ins listen. */
export interface Listening {
  readonly port: number;
  readonly transport: 'tcp' | 'udp';
}

export interface Job {
  readonly recipes: readonly Recipe[];
  readonly listening: readonly Listening[];
  /** What stand-ins answer: an order that whoever asks could follow. */
  readonly order: string;
  /** Authority of the stand-ins' certificates. */
  readonly authority: { readonly certificate: string; readonly key: string };
  /** Words that start `ringfence`. */
  readonly ringfence: readonly string[];
  /** Milliseconds for one part of a recipe. */
  readonly within: number;
}

/** One line of the replay's output. */
export interface Result {
  readonly id: string;
  readonly seen: boolean;
  /** Which of the judges saw it. */
  readonly judge: number;
  /** This machine cannot show it. */
  readonly cannot?: true;
  /** What was printed, for why nothing was seen. */
  readonly output: string;
}
