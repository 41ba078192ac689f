/**
 * What of a run a baseline is about: words of a few kinds, such as a program, who started it, a host, a folder that was
 * written to, and how much there was of each.
 *
 * @module
 */
import type { Observation } from '../observation.ts';

/** Kinds of words, and what they are. */
export const FACETS = {
  programs: 'programs that were executed',
  parents: 'programs, and the program that started them',
  hosts: 'hosts and ports that were reached',
  requests: 'methods of requests, and their host',
  areas: 'folders in which files were made, changed or removed',
  tools: 'tools that were called',
  refusals: 'what was refused, by layer',
} as const;

export type Facet = keyof typeof FACETS;

/** Amounts of one run, and their unit. */
export const AMOUNTS = {
  processes: 'programs executed',
  files: 'file changes',
  flows: 'connections',
  sent: 'bytes sent',
  requests: 'requests',
  calls: 'tool calls',
  refused: 'refusals',
} as const;

export type Amount = keyof typeof AMOUNTS;

export interface Word {
  facet: Facet;
  word: string;
}

/** Longest word that is kept. Unit: characters. */
const LONGEST = 200;

/** Processes of one run whose program is remembered. */
const PROCESSES = 65_536;

/** Where the run's own folders are: what is below them is named from there. */
export interface Places {
  workspace?: string | undefined;
  home?: string | undefined;
}

/** The words and amounts of an observation. */
export function featuresOf(
  { category, fields }: Observation,
  places: Places,
): { words: Word[]; amounts: [Amount, number][] } {
  const words: Word[] = [];
  const say = (facet: Facet, ...parts: unknown[]) => {
    if (!parts.every((part) => typeof part === 'string' || typeof part === 'number')) return;
    const word = parts.join(' ').slice(0, LONGEST);
    // the one key that objects do not take as it is
    words.push({ facet, word: word === '__proto__' ? '(__proto__)' : word });
  };
  const program = (path: unknown) => (typeof path === 'string' ? plain(path, places) : undefined);
  switch (category) {
    case 'process_creation':
      say('programs', program(fields.Image));
      return { words, amounts: [['processes', 1]] };
    case 'file_event':
      if (typeof fields.TargetFilename === 'string')
        say(
          'areas',
          areaOf(fields.TargetFilename, places),
          fields.Operation === 'unlink' ? 'removed' : 'written',
        );
      return { words, amounts: [['files', 1]] };
    case 'egress_flow':
      if (fields.Phase === 'open') {
        say(
          'hosts',
          `${String(fields.DestinationHostname ?? fields.DestinationIp)}:${String(fields.DestinationPort)}`,
        );
        return { words, amounts: [['flows', 1]] };
      }
      return { words, amounts: fields.Phase === 'close' ? [['sent', Number(fields.Sent ?? 0)]] : [] };
    case 'http_request':
      if (fields['cs-method'] === undefined) return { words, amounts: [] };
      say('requests', fields['cs-method'], fields['cs-host']);
      return { words, amounts: [['requests', 1]] };
    case 'tool_call':
      // what is declared is no act: it makes no run less strange, and none more
      if (fields.Tool === undefined || fields.Via === 'declared') return { words, amounts: [] };
      say('tools', `${String(fields.Server ?? '')}/${String(fields.Tool)}`);
      return { words, amounts: [['calls', 1]] };
    case 'denial':
      say('refusals', fields.Layer, String(fields.What ?? '').split(' ')[0]);
      return { words, amounts: [['refused', Number(fields.Count ?? 1)]] };
    default:
      return { words, amounts: [] };
  }
}

/** A path from the folder that it is in, and without what chance makes of names. */
function plain(path: string, { workspace, home }: Places): string {
  const below = (folder: string | undefined, sign: string) =>
    folder !== undefined && (path === folder || path.startsWith(`${folder}/`))
      ? `${sign}${path.slice(folder.length)}`
      : undefined;
  const named = below(workspace, '.') ?? below(home, '~') ?? path;
  return named
    .split('/')
    .map((part) => part.replace(/[0-9a-f]{6,}|[0-9]{3,}/gi, (piece) => (/[0-9]/.test(piece) ? '#' : piece)))
    .map((part) =>
      /^tmp|^\.?tmp|[-_.](tmp|temp)|^(?=.*[A-Z])(?=.*[a-z])[A-Za-z#]{6,}$/.test(part) &&
      named.startsWith('/tmp/')
        ? '*'
        : part,
    )
    .join('/');
}

/** The folder of a file, two deep below the workspace, home or root: `./src/deep`. */
function areaOf(path: string, places: Places): string {
  const parts = plain(path, places).split('/').slice(0, -1);
  return parts.slice(0, 3).join('/') || '/';
}

/** Words and amounts of one run. */
export class Profile {
  readonly words = new Map<Facet, Map<string, number>>();
  readonly amounts = new Map<Amount, number>();
  readonly #places: Places;
  /** process → program, of those that the run itself tells of: what the kernel can be asked of depends on the moment */
  readonly #images = new Map<number, string>();

  constructor(places: Places = {}) {
    this.#places = places;
  }

  /** @returns the words that the run has not had before */
  add(observation: Observation): Word[] {
    const { words, amounts } = featuresOf(observation, this.#places);
    if (observation.category === 'process_creation') words.push(...this.#parentage(observation));
    for (const [name, more] of amounts) this.amounts.set(name, (this.amounts.get(name) ?? 0) + more);
    return words.filter(({ facet, word }) => {
      const known = this.words.get(facet) ?? new Map<string, number>();
      this.words.set(facet, known);
      const count = known.get(word) ?? 0;
      known.set(word, count + 1);
      return count === 0;
    });
  }

  #parentage({ fields }: Observation): Word[] {
    const { ProcessId: id, ParentProcessId: parent, Image: image } = fields;
    if (typeof id !== 'number' || typeof image !== 'string') return [];
    const own = plain(image, this.#places);
    const before = typeof parent === 'number' ? this.#images.get(parent) : undefined;
    if (this.#images.size < PROCESSES) this.#images.set(id, own);
    return before === undefined ? [] : [{ facet: 'parents', word: `${before} → ${own}`.slice(0, LONGEST) }];
  }
}
