/**
 * Tunnels through DNS, by what they move: ever new names below one base, whose labels carry data out, and answers that carry
 * data in. How long or how random a name is says nothing (dns2tcp's are 17 characters long).
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Shape } from './shape.ts';

/** Milliseconds that count together. */
const WINDOW = 60_000;
/** New names below one base, and bytes that their labels or their answers carried. */
const NAMES = 40;
const BYTES_OUT = 1500;
const BYTES_IN = 6000;
/** New names where every answer is of a kind that programs have no use for at that rate. */
const ODD_NAMES = 20;
/** Of the queries at least so many are for a name that was not asked before. */
const NEW = 0.7;
/** So many new names are no matter of asking again, however often each is asked for. */
const MANY_NAMES = 150;
const MAX_NAMES = 160;

/** Types that carry data: TXT, NULL, CNAME, MX, SRV, KEY, PRIVATE. A and AAAA of ordinary look-ups are not among them. */
const ODD_TYPES = new Set([5, 10, 15, 16, 25, 33, 65_399]);

interface Base {
  since: number;
  queries: number;
  odd: number;
  /** as short as they can be told apart */
  names: Set<string>;
  out: number;
  in: number;
  told: boolean;
}

export interface DnsTunnel extends Shape {
  /** the name below which it all lies */
  readonly base: string;
}

export class DnsShape {
  readonly #bases = new Map<string, Base>();
  readonly #most: number;

  /** @param most bases that are counted at once; those not asked for the longest are forgotten first */
  constructor(most = 256) {
    this.#most = most;
  }

  /**
   * One look-up. `name` without its final dot; `answer`: bytes of the answer beyond the question; `at`: milliseconds.
   */
  query(name: string, type: number, answer: number, at: number): DnsTunnel | undefined {
    const lower = name.toLowerCase();
    const text = baseOf(lower);
    const base = this.#base(text, at);
    if (base.told) return undefined;
    base.queries += 1;
    base.in += Math.max(0, answer);
    if (ODD_TYPES.has(type)) base.odd += 1;
    const known = hash('sha1', lower, 'base64').slice(0, 10);
    if (!base.names.has(known) && base.names.size < MAX_NAMES) {
      base.names.add(known);
      base.out += Math.max(0, lower.length - text.length - 1);
    }
    const { names, queries, odd } = base;
    if (names.size < NEW * queries && names.size < MANY_NAMES) return undefined;
    const moved = base.out >= BYTES_OUT || (base.in >= BYTES_IN && odd > 0);
    const carries = names.size >= NAMES && moved;
    const strange = names.size >= ODD_NAMES && odd >= 0.9 * queries && (base.out >= 400 || base.in >= 1000);
    if (!carries && !strange) return undefined;
    base.told = true;
    return {
      shape: 'dns-tunnel',
      confidence: strange ? 0.95 : 0.85,
      base: text,
      detail: `${names.size} new names below ${text} in ${Math.ceil((at - base.since) / 1000)} s, ${base.out} bytes in their labels, ${base.in} in the answers`,
    };
  }

  /** An answer that came later than its query. */
  answered(name: string, bytes: number): void {
    const base = this.#bases.get(baseOf(name.toLowerCase()));
    if (base) base.in += bytes;
  }

  #base(text: string, at: number): Base {
    const known = this.#bases.get(text);
    if (known && at - known.since <= WINDOW) return known;
    const told = known?.told ?? false;
    const base: Base = { since: at, queries: 0, odd: 0, names: new Set(), out: 0, in: 0, told };
    this.#bases.delete(text);
    this.#bases.set(text, base);
    const [oldest] = this.#bases.keys();
    if (this.#bases.size > this.#most && oldest !== undefined) this.#bases.delete(oldest);
    return base;
  }
}

/** Second levels that are registries rather than somebody's: as much of the public suffix list as matters for counting. */
const REGISTRIES = /^(?:co|com|net|org|gov|ac|edu|or|ne|go)\.[a-z]{2}$/;

/** The name below which somebody hands out names: two labels, three below a registry. */
export function baseOf(name: string): string {
  const labels = name.split('.').filter((label) => label !== '');
  const two = labels.slice(-2).join('.');
  return REGISTRIES.test(two) ? labels.slice(-3).join('.') : two;
}
