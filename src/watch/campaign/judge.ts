/**
 * Joins the signals of many cells: who left what in a service, who took it from there, and what both did then.
 *
 * @module
 */
import { Bounded } from './bounded.ts';
import type { EvidenceKind } from './evidence.ts';
import type { Signal } from './signal.ts';
import { type Campaign, type Member, Suspicions, type Verdict } from './suspicions.ts';

export interface JudgeLimits {
  words: number;
  objects: number;
  cells: number;
}

const LIMITS: JudgeLimits = { words: 200_000, objects: 50_000, cells: 1024 };

/** Cells whose clocks and files are this far apart may be told of in the wrong order. Unit: microseconds. */
const SKEW = 2_000_000;
/** Of one object so many versions, readers and the like are kept. */
const KEPT = 64;

/** In place of the digest of what has no content. */
const NOTHING = '-';

/** Of one cell so many words are remembered. */
const OWN = 8192;

interface Origin {
  by: Signal;
  /** false: it was only asked for, and was there: somebody else may have named it first */
  sure: boolean;
}

/** Two cells that hear from each other in turns. */
interface Talk {
  hearer: string;
  time: number;
  depth: number;
}

interface Version {
  digest: string;
  by: Signal;
}

interface Reader {
  misses: number;
  /** whether it was there when it was last asked for, and how often that changed by others */
  there?: boolean;
  blinks: number;
  /** versions of others that it read */
  foreign: Set<string>;
  times: number[];
  last: Signal;
}

interface SharedObject {
  versions: Version[];
  /** by whom last */
  written?: Signal;
  writers: Set<string>;
  readers: Map<string, Reader>;
}

interface Cell {
  /** words that it got from a service where another cell had put them */
  taken: Bounded<string, Origin>;
  /** words that it used by itself, before any answer had them */
  used: Bounded<string, true>;
  /** words of which it is the origin, oldest first: who floods forgets its own */
  left: Set<string>;
  /** places that an answer named to it */
  shown: Set<string>;
  services: Set<string>;
  series: Map<string, Set<number>>;
}

/** Order of signals is that of their time, but for what {@link SKEW} allows. */
export class Judge {
  readonly #suspicions: Suspicions;
  /** who first put a word into a service */
  readonly #origins: Bounded<string, Origin>;
  /** words that a service said before any cell did, and who first heard them when */
  readonly #native: Bounded<string, Signal>;
  /** names of content, which nobody chooses */
  readonly #addressed: Bounded<string, true>;
  readonly #users: Bounded<string, Map<string, Signal>>;
  readonly #objects: Bounded<string, SharedObject>;
  readonly #cells: Bounded<string, Cell>;
  readonly #services: Bounded<string, Set<string>>;
  readonly #directions: Bounded<string, Signal>;
  readonly #talks: Bounded<string, Talk>;
  /** places that a cell named before any answer did: a service that repeats them says nothing of its own */
  readonly #planted: Bounded<string, true>;
  /** places that an answer named first: whoever names them later makes them no less the service's own */
  readonly #shown: Bounded<string, true>;

  /** @param names of campaigns that are known already, by their service */
  constructor(limits: Partial<JudgeLimits> = {}, names: ReadonlyMap<string, string> = new Map()) {
    const { words, objects, cells } = { ...LIMITS, ...limits };
    this.#suspicions = new Suspicions(names);
    this.#origins = new Bounded(words);
    this.#native = new Bounded(words);
    this.#addressed = new Bounded(words);
    this.#users = new Bounded(words);
    this.#objects = new Bounded(objects);
    this.#cells = new Bounded(cells);
    this.#services = new Bounded(cells);
    this.#directions = new Bounded(cells * 4);
    this.#talks = new Bounded(cells * 4);
    this.#planted = new Bounded(words);
    this.#shown = new Bounded(words);
  }

  /** How much was forgotten to stay within bounds, since it was last asked. */
  lost(): number {
    const all = [
      this.#origins,
      this.#native,
      this.#users,
      this.#objects,
      this.#cells,
      this.#services,
      this.#planted,
      this.#shown,
    ];
    return all.reduce((sum, one) => sum + one.lost(), 0);
  }

  /** Campaigns that are known of, ranked. */
  campaigns(now: number): Campaign[] {
    return this.#suspicions.ranked(now);
  }

  hear(signal: Signal): Verdict[] {
    const verdicts: Verdict[] = [];
    const say = (
      kind: EvidenceKind,
      key: string,
      members: readonly Signal[],
      share = 1,
      service = signal.service,
    ) => {
      const all: Member[] = members.map((by) => ({ by }));
      verdicts.push(...this.#suspicions.add({ kind, key, service, members: all, share, time: signal.time }));
    };
    switch (signal.does) {
      case 'use':
        this.#use(signal, say);
        break;
      case 'place':
        this.#together(`place ${signal.service}`, signal, 'same-destination', say);
        break;
      case 'name':
        this.#together(`name ${signal.service}`, signal, 'same-name', say);
        break;
      case 'loop':
        this.#loop(signal, say);
        break;
      case 'pressure':
        this.#suspicions.pressure(signal.cell, signal.factor ?? 1);
        break;
    }
    return verdicts;
  }

  #cell(name: string): Cell {
    return this.#cells.getOr(name, () => ({
      taken: new Bounded(OWN),
      used: new Bounded(OWN),
      left: new Set(),
      shown: new Set(),
      services: new Set(),
      series: new Map(),
    }));
  }

  /** How common something is among the cells of its service: a share of the weight. */
  #rarity(service: string, cells: number): number {
    const all = this.#services.get(service)?.size ?? 1;
    return all >= 8 && cells > Math.max(3, all / 4) ? 0.25 : 1;
  }

  #use(signal: Signal, say: Say): void {
    const { service, cell: name, object, content = {}, write, ok } = signal;
    const cell = this.#cell(name);
    const cells = this.#services.getOr(service, () => new Set());
    if (cells.size < 65_536) cells.add(name);
    if (content.addressed) for (const word of content.named ?? []) this.#addressed.set(word, true);
    if (cell.services.size < KEPT) cell.services.add(service);
    this.#learned(signal, cell, say);
    for (const word of [...(content.named ?? []), ...(content.told ?? [])]) cell.used.set(word, true);
    for (const place of [...(content.mentions ?? []), ...(content.places ?? [])])
      if (!this.#shown.has(place)) this.#planted.set(place, true);
    const named = content.named ?? [];
    if (write) this.#leave(signal, [...named, ...(content.told ?? [])], true, say);
    else this.#leave(signal, named, !ok, say);
    if (ok) this.#take(signal, cell, say);
    this.#through(signal, cell, say);
    for (const place of content.shown ?? []) {
      if (this.#planted.has(place)) continue;
      this.#shown.set(place, true);
      if (cell.shown.size < OWN) cell.shown.add(place);
    }
    if (object !== undefined) this.#touch(signal, object, say);
    if (signal.series) this.#chunk(signal, cell, signal.series, say);
  }

  /** A name that this cell has from the service, where another left it. */
  #learned(signal: Signal, cell: Cell, say: Say): void {
    for (const word of signal.content?.named ?? []) {
      const origin = cell.taken.get(word);
      if (!origin || this.#addressed.has(word)) continue;
      const users = this.#users.getOr(`learned ${word}`, () => new Map());
      if (users.size < KEPT) users.set(signal.cell, signal);
      // what a quarter of all take up is published, and no word among a few
      const share = (origin.sure ? 1 : 0.4) * this.#rarity(signal.service, users.size);
      say('learned', `${word} ${signal.cell}`, [origin.by, signal], share);
      if (!origin.sure) continue;
      this.#direction(origin.by, signal, say);
    }
  }

  /** Words that this cell puts into the service, if it is the first. `sure`: by writing, or by asking in vain. */
  #leave(signal: Signal, words: readonly string[], sure: boolean, say: Say): void {
    const cell = this.#cell(signal.cell);
    for (const word of words) {
      if (this.#addressed.has(word) || cell.taken.has(word)) continue;
      const native = this.#native.get(word);
      if (native && (native.cell === signal.cell || signal.time - native.time > SKEW)) continue;
      const origin = this.#origins.get(word);
      if (!origin || (sure && !origin.sure)) {
        this.#origin(word, cell, { by: signal, sure });
        // it was heard so short before that it was told of in the wrong order
        if (native) this.#cell(native.cell).taken.set(word, { by: signal, sure });
      } else if (sure && origin.sure && origin.by.cell !== signal.cell) {
        this.#together(`word ${word}`, signal, 'same-name', say, origin.by);
      }
    }
  }

  #origin(word: string, cell: Cell, origin: Origin): void {
    this.#origins.set(word, origin);
    cell.left.add(word);
    if (cell.left.size <= OWN) return;
    const [oldest] = cell.left;
    if (oldest === undefined) return;
    cell.left.delete(oldest);
    if (this.#origins.get(oldest)?.by.cell === origin.by.cell) this.#origins.delete(oldest);
  }

  #take(signal: Signal, cell: Cell, say: Say): void {
    const { object, content = {} } = signal;
    const known = object === undefined ? undefined : this.#objects.get(object);
    // an object as it was written is what caches are for; a list of what others wrote is not
    const verbatim = known?.versions.some(({ digest }) => digest === content.answered) ?? false;
    for (const word of content.heard ?? []) {
      // what it said itself comes back: an echo makes no word the service's own
      if (cell.used.has(word)) continue;
      const origin = this.#origins.get(word);
      if (!origin) {
        if (!this.#native.has(word)) this.#native.set(word, signal);
      } else if (origin.by.cell !== signal.cell) {
        cell.taken.set(word, origin);
        if (origin.sure && !verbatim) this.#talk(origin.by, signal, say);
      }
    }
  }

  /** One hears what the other left after it had heard the one, and so on: a conversation, whatever it is about. */
  #talk(from: Signal, to: Signal, say: Say): void {
    const pair = [from.cell, to.cell].sort().join(' ');
    const talk = this.#talks.get(pair);
    if (talk && (talk.hearer === to.cell || from.time < talk.time)) return;
    const depth = (talk?.depth ?? 0) + 1;
    this.#talks.set(pair, { hearer: to.cell, time: to.time, depth });
    if (depth >= 3) say('exchange', `${pair} ${Math.min(depth, 6)}`, [from, to]);
  }

  /** The same by several cells, each by itself; rare among those that use the service. */
  #together(key: string, signal: Signal, kind: EvidenceKind, say: Say, first?: Signal): void {
    const users = this.#users.getOr(key, () => new Map());
    if (first && !users.has(first.cell)) users.set(first.cell, first);
    if (users.has(signal.cell) || users.size >= KEPT) return;
    users.set(signal.cell, signal);
    if (users.size < 2) return;
    const all = [...users.values()];
    const service = signal.does === 'use' ? signal.service : (this.#common(all) ?? signal.service);
    say(kind, key, all, this.#rarity(service, users.size), service);
  }

  /** A service that all of them use: what they have in common besides is about it. */
  #common(signals: readonly Signal[]): string | undefined {
    const [first, ...others] = signals.map(({ cell }) => this.#cell(cell).services);
    return [...(first ?? [])].find((service) => others.every((services) => services.has(service)));
  }

  /** A request that names a place which is not the service, nor was named by it. */
  #through(signal: Signal, cell: Cell, say: Say): void {
    const { content = {}, ok, bare = 0 } = signal;
    const success = ok ? 1 : 0.5;
    const away = (places: readonly string[] = []) => places.filter((place) => !cell.shown.has(place));
    for (const place of away(content.places)) {
      const users = this.#users.getOr(`through ${place}`, () => new Map());
      if (users.size < KEPT) users.set(signal.cell, signal);
      const share = (bare > 0 ? 1 : 0.95) * success * this.#rarity(signal.service, users.size);
      say('through', place, [signal], share);
    }
    for (const place of away(content.mentions))
      say('through', place, [signal], (bare > 0 ? 0.3 : 0.2) * success);
  }

  #touch(signal: Signal, name: string, say: Say): void {
    const { content = {}, write, ok, cell } = signal;
    const object = this.#objects.getOr(name, () => ({
      versions: [],
      writers: new Set(),
      readers: new Map(),
    }));
    if (write) {
      if (!ok) return;
      if (object.writers.size < KEPT) object.writers.add(cell);
      object.written = signal;
      const digest = content.asked ?? NOTHING;
      if (!object.versions.some((one) => one.digest === digest && one.by.cell === cell))
        object.versions.push({ digest, by: signal });
      if (object.versions.length > KEPT) object.versions.shift();
      return;
    }
    const reader = object.readers.get(cell) ?? {
      misses: 0,
      blinks: 0,
      foreign: new Set(),
      times: [],
      last: signal,
    };
    if (object.readers.size < KEPT) object.readers.set(cell, reader);
    reader.times = [...reader.times, signal.time].slice(-8);
    reader.last = signal;
    this.#cadence(name, object, signal, say);
    const { written } = object;
    const appeared = reader.there !== undefined && reader.there !== ok;
    reader.there = ok;
    // that it is there says something, too, where another cell makes it come and go
    if (appeared && written && written.cell !== cell) this.#blink(name, reader, written, signal, say);
    if (!ok) {
      reader.misses += 1;
      return;
    }
    const version =
      content.answered === undefined
        ? written && { digest: NOTHING, by: written }
        : object.versions.find(({ digest }) => digest === content.answered);
    if (!version || version.by.cell === cell || content.addressed) return;
    if (reader.misses >= 3 && !object.writers.has(cell)) {
      say('awaited', `${name} ${cell}`, [version.by, signal]);
      this.#direction(version.by, signal, say);
    }
    reader.misses = 0;
    if (content.answered === undefined) return;
    if (reader.foreign.size < KEPT) reader.foreign.add(version.digest);
    if (reader.foreign.size >= 2) {
      say('board', `${name} ${cell}`, [version.by, signal], object.writers.size >= 2 ? 1 : 0.5);
      this.#direction(version.by, signal, say);
    }
  }

  /** An object comes and goes: the channel of those who may write no contents, or read none. */
  #blink(name: string, reader: Reader, from: Signal, to: Signal, say: Say): void {
    reader.blinks += 1;
    if (reader.blinks < 3) return;
    say('board', `${name} ${to.cell}`, [from, to], reader.blinks >= 4 ? 1 : 0.5);
    this.#direction(from, to, say);
  }

  /** Word went from one cell to another; and back? */
  #direction(from: Signal, to: Signal, say: Say): void {
    this.#directions.set(`${from.cell} ${to.cell}`, to);
    const back = this.#directions.get(`${to.cell} ${from.cell}`);
    if (back) say('reply', [from.cell, to.cell].sort().join(' '), [back, to]);
  }

  #cadence(name: string, object: SharedObject, signal: Signal, say: Say): void {
    const gap = steady(object.readers.get(signal.cell)?.times ?? []);
    if (gap === undefined) return;
    const same = [...object.readers.values()].filter(({ times }) => {
      const other = steady(times);
      return other !== undefined && Math.abs(other - gap) <= gap / 10;
    });
    if (same.length < 3) return;
    const share = this.#rarity(signal.service, object.readers.size);
    say(
      'cadence',
      name,
      same.map(({ last }) => last),
      share,
    );
  }

  #chunk(signal: Signal, cell: Cell, { of, number }: { of: string; number: number }, say: Say): void {
    const numbers = cell.series.get(of) ?? new Set();
    if (cell.series.size < 256) cell.series.set(of, numbers);
    if (numbers.size < KEPT) numbers.add(number);
    if (numbers.size >= 3) say('chunks', `${of} ${signal.cell}`, [signal]);
  }

  #loop(signal: Signal, say: Say): void {
    const { cycles = 0, acted = 0, regular = 0, object, cell } = signal;
    const shared = object === undefined ? undefined : this.#objects.get(object);
    const reader = shared?.readers.get(cell);
    const others = (shared?.versions ?? []).filter(
      ({ digest, by }) => by.cell !== cell && reader?.foreign.has(digest),
    );
    // two rounds happen by themselves; with each further one that becomes less likely
    const rounds = Math.min(1, (cycles - 1) / 2) * (acted > 0 ? 1 : 0.6) * (regular >= 0.5 ? 1 : 0.8);
    const rarity = this.#rarity(signal.service, shared?.readers.size ?? 1);
    const members = [...new Map(others.map(({ by }) => [by.cell, by])).values(), signal];
    say('dead-drop', `${object} ${cell} ${Math.min(cycles, 3)}`, members, rounds * rarity);
  }
}

type Say = (
  kind: EvidenceKind,
  key: string,
  members: readonly Signal[],
  share?: number,
  service?: string,
) => void;

/** The interval of reads that come regularly, if they do. Unit: microseconds. */
function steady(times: readonly number[]): number | undefined {
  if (times.length < 5) return undefined;
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const worst = Math.max(...gaps.map((gap) => Math.abs(gap - mean)));
  return mean > 100_000 && worst <= mean * 0.3 ? mean : undefined;
}
