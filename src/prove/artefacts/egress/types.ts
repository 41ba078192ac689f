/**
 * What a gateway's configuration is held against, and what comes of it.
 *
 * @module
 */
import type { Contract } from '../../../contract/index.ts';

/** A way in which a gateway is told to let more pass than the contract says. */
export interface EgressBreach {
  /** what is wrong, in a sentence without a full stop */
  readonly says: string;
  /** a host, an address, a path, that shows it */
  readonly witness?: string;
  /** number of the rule in the configuration */
  readonly rule?: number;
  readonly clause: string;
}

export type EgressVerdict =
  | { readonly verdict: 'proved' }
  | { readonly verdict: 'refuted'; readonly breaches: readonly EgressBreach[] };

export interface EgressFacts {
  readonly contract: Contract;
  /** nobody is asked: names are noted, or let through */
  readonly learning?: 'names' | 'network' | undefined;
  /** the artefacts that the contract's lists name: text of the file, by index of `packages`; absent for named sets */
  readonly lists?: Readonly<Record<number, string>>;
  /** true: copies alone are served, nothing is fetched */
  readonly copiesOnly?: boolean;
}
