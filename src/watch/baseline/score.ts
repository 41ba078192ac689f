/**
 * How strange a run is: for each facet, how many of its words no honest run had, weighed by how seldom honest runs have
 * words that no other had; and how far its amounts are beyond theirs. The threshold is conformal: each honest run is
 * scored against all others, and the threshold is the quantile of these scores that the false-alarm budget asks for, so
 * that of exchangeable honest runs at most about that share is above it, whatever the scores' distribution is.
 * R. Laxhammar, G. Falkman: Conformal prediction for distribution-independent anomaly detection (2010); for the
 * leave-one-out form, whose guarantee is twice the budget: R. F. Barber, E. Candès, A. Ramdas, R. Tibshirani: Predictive
 * inference with the jackknife+ (Ann. Statist. 49, 2021).
 *
 * @module
 */
import { AMOUNTS, type Amount, FACETS, type Facet, type Profile } from './features.ts';

/** A word of honest runs: in how many of them it was, and how often. */
export interface Known {
  runs: number;
  count: number;
}

export interface Baseline {
  /** of the contract */
  name: string;
  /** honest runs that it is made of */
  runs: number;
  /** share of honest runs that may be found strange: what was asked for, and what so few runs can give */
  budget: { wanted: number; given: number };
  /** beyond it a run is strange */
  threshold: number;
  /** scores of the honest runs, each against the others, ascending */
  scores: number[];
  words: Record<Facet, Record<string, Known>>;
  /** facet → weight of a new word */
  weights: Record<Facet, number>;
  /** largest amount of any run */
  amounts: Record<Amount, number>;
}

const FACET_NAMES = Object.keys(FACETS) as Facet[];
const AMOUNT_NAMES = Object.keys(AMOUNTS) as Amount[];

/** Share of honest runs that may be found strange. */
export const BUDGET = 0.05;

/** What a run has that honest ones had not. */
export interface Strange {
  score: number;
  words: Record<Facet, string[]>;
  /** amount → how many times the largest of honest runs */
  amounts: Partial<Record<Amount, number>>;
}

interface Reference {
  has(facet: Facet, word: string): boolean;
  largest(amount: Amount): number;
  weight(facet: Facet): number;
}

/** An amount counts as strange from this many times the largest of honest runs on. */
const FAR = 2;
/** … and from this on at all: a few more of what was almost none is nothing. */
const LEAST: Record<Amount, number> = {
  processes: 20,
  files: 50,
  flows: 10,
  sent: 1 << 20,
  requests: 20,
  calls: 10,
  refused: 10,
};

function judge(profile: Profile, reference: Reference): Strange {
  const words = Object.fromEntries(FACET_NAMES.map((facet) => [facet, []])) as unknown as Record<
    Facet,
    string[]
  >;
  let score = 0;
  for (const facet of FACET_NAMES) {
    for (const word of profile.words.get(facet)?.keys() ?? [])
      if (!reference.has(facet, word)) words[facet].push(word);
    score += reference.weight(facet) * Math.log2(1 + words[facet].length);
  }
  const amounts: Partial<Record<Amount, number>> = {};
  for (const name of AMOUNT_NAMES) {
    const [own, most] = [profile.amounts.get(name) ?? 0, Math.max(reference.largest(name), LEAST[name])];
    if (own <= most * FAR) continue;
    amounts[name] = own / most;
    score += Math.log2(own / most);
  }
  return { score, words, amounts };
}

/** How strange a run is, beside a baseline. */
export const strangeness = (profile: Profile, baseline: Baseline): Strange =>
  judge(profile, {
    has: (facet, word) => Object.hasOwn(baseline.words[facet], word),
    largest: (amount) => baseline.amounts[amount],
    weight: (facet) => baseline.weights[facet],
  });

/**
 * The baseline of honest runs.
 *
 * @param profiles one for each run, at least two
 * @param wanted share of honest runs that may be found strange
 */
export function makeBaseline(name: string, profiles: readonly Profile[], wanted = BUDGET): Baseline {
  const count = profiles.length;
  if (count < 2) throw new RangeError('a baseline is of two runs at least');
  const words = Object.fromEntries(
    FACET_NAMES.map((facet) => [facet, wordsOf(facet, profiles)]),
  ) as Baseline['words'];
  const own = (facet: Facet, word: string) => words[facet][word]?.runs === 1;
  // in how many honest runs there was a word that no other had; one more, as the next run may be such a one
  const weights = Object.fromEntries(
    FACET_NAMES.map((facet) => {
      const having = profiles.filter((profile) =>
        [...(profile.words.get(facet)?.keys() ?? [])].some((word) => own(facet, word)),
      ).length;
      return [facet, rounded(-Math.log2((having + 1) / (count + 2)))];
    }),
  ) as Baseline['weights'];
  const largest = (among: readonly Profile[], amount: Amount) =>
    Math.max(0, ...among.map((profile) => profile.amounts.get(amount) ?? 0));
  const scores = profiles
    .map((profile, index) => {
      const others = profiles.filter((_, other) => other !== index);
      return judge(profile, {
        has: (facet, word) => !own(facet, word),
        largest: (amount) => largest(others, amount),
        weight: (facet) => weights[facet],
      }).score;
    })
    .map(rounded)
    .sort((left, right) => left - right);
  // so few runs cannot tell one in a hundred from one in ten: the largest score is what there is
  const given = Math.max(wanted, 1 / (count + 1));
  const rank = Math.min(count, Math.ceil((1 - given) * (count + 1) - 1e-9));
  return {
    name,
    runs: count,
    budget: { wanted, given: rounded(given) },
    threshold: scores[rank - 1] as number,
    scores,
    words,
    weights,
    amounts: Object.fromEntries(
      AMOUNT_NAMES.map((amount) => [amount, largest(profiles, amount)]),
    ) as Baseline['amounts'],
  };
}

function wordsOf(facet: Facet, profiles: readonly Profile[]): Record<string, Known> {
  const words = new Map<string, Known>();
  for (const profile of profiles)
    for (const [word, count] of profile.words.get(facet) ?? []) {
      const known = words.get(word) ?? { runs: 0, count: 0 };
      words.set(word, { runs: known.runs + 1, count: known.count + count });
    }
  // without a prototype: words are of the agent's choosing
  return Object.assign(
    Object.create(null),
    Object.fromEntries([...words].sort(([left], [right]) => (left < right ? -1 : 1))),
  );
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
