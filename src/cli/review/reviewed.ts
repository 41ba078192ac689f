/**
 * What was reviewed, remembered in the run's folder: the digest, when, and each path, so that a difference can be named.
 *
 * @module
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChangeSet, digestOf, type Item, type State } from '../../review/set/index.ts';
import type { FoundRun } from '../find-run.ts';

export interface Review {
  version: 1;
  digest: string;
  /** RFC 3339 */
  when: string;
  /** path as base64 → short digest of its item */
  items: Record<string, string>;
  /** path as base64 → what the original was when it was first reviewed, and whether it had been changed by then */
  originals: Record<string, { state: string; changed: boolean }>;
}

export const reviewPath = (run: FoundRun): string => join(run.folder, 'review.json');

const stateDigest = (path: Buffer, before: State | undefined) =>
  digestOf([{ path, shown: '', kind: 'added', ...(before && { before }) }]).slice(0, 16);

/**
 * Whether somebody else changed an original: since the run began by its time; after the first review by what it was then,
 * so that what apply and undo themselves do is not taken for it.
 */
export function makeOriginalCheck(
  review: Review | undefined,
): (path: Buffer, before: State | undefined, byTime: boolean) => boolean {
  return (path, before, byTime) => {
    const known = review?.originals[path.toString('base64')];
    return known ? known.changed || known.state !== stateDigest(path, before) : byTime;
  };
}

const keyOf = ({ path }: Item) => path.toString('base64');
const shortDigest = (item: Item) => digestOf([item]).slice(0, 16);

export function writeReview(run: FoundRun, set: ChangeSet): void {
  const items = Object.fromEntries(set.items.map((item) => [keyOf(item), shortDigest(item)]));
  const originals = Object.fromEntries(
    set.items.map((item) => [
      keyOf(item),
      { state: stateDigest(item.path, item.before), changed: item.originalChanged ?? false },
    ]),
  );
  const review: Review = {
    version: 1,
    digest: set.digest,
    when: new Date().toISOString(),
    items,
    originals: { ...originals, ...readReview(run)?.originals },
  };
  const temporary = `${reviewPath(run)}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(review), { mode: 0o600 });
  renameSync(temporary, reviewPath(run));
}

export function readReview(run: FoundRun): Review | undefined {
  try {
    const review = JSON.parse(readFileSync(reviewPath(run), 'utf8')) as Partial<Review>;
    return review.items && review.originals ? (review as Review) : undefined;
  } catch {
    return undefined;
  }
}

/** Paths, safe to print, that are not what they were at the review. */
export function differences(review: Review, set: ChangeSet): string[] {
  const found = set.items.filter((item) => review.items[keyOf(item)] !== shortDigest(item));
  const present = new Set(set.items.map(keyOf));
  const gone = Object.keys(review.items).filter((key) => !present.has(key));
  return [...found.map(({ shown }) => shown), ...gone.map((key) => Buffer.from(key, 'base64').toString())];
}
