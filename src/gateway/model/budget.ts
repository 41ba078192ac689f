/**
 * What the calls of one rule may come to. What a call could use at most is set aside before it is sent, so calls at
 * once cannot pass the bound together; what is not told afterwards counts as used in full.
 *
 * @module
 */
import type { ModelAccess } from '../../contract/index.ts';
import { type ModelPrice, matchesModel } from '../../contract/index.ts';

/** Tokens, as a provider told them. `cached` are part of `input`, `reasoning` of `output`. */
export interface Usage {
  input: number;
  output: number;
  cached?: number;
  reasoning?: number;
  /** what some of the input costs beyond its price, as tokens of input: counts as money, not as tokens */
  surcharge?: number;
}

/** Set aside for a call. */
export interface Ticket {
  model: string;
  /** tokens at most, as far as that can be known before */
  input: number;
  output: number;
  money: number;
}

export interface Reached {
  limit: 'tokens' | 'requests' | 'money';
  used: number;
  max: number;
}

export type Admitted =
  | { ok: true; ticket: Ticket }
  /** calls under way hold what is left: later there may be room */
  | { ok: false; why: 'busy' }
  | { ok: false; why: 'spent'; reached: Reached }
  | { ok: false; why: 'no price' };

const MILLION = 1_000_000;

export class ModelBudget {
  readonly #budget: ModelAccess['budget'];
  readonly #prices: ModelAccess['prices'];
  readonly #used = { tokens: 0, requests: 0, money: 0 };
  readonly #open = new Set<Ticket>();
  #told = false;

  constructor({ budget, prices }: Pick<ModelAccess, 'budget' | 'prices'>) {
    this.#budget = budget;
    this.#prices = prices;
  }

  /** Tokens or money have a bound: what a call can use must have one, too. */
  get bounds(): boolean {
    return this.#budget.tokens !== undefined || this.#budget.money !== undefined;
  }

  /** @param input tokens of the request, estimated; `output`: at most these are asked for; `surcharge` as in {@link Usage} */
  admit(model: string, input: number, output: number, surcharge = 0): Admitted {
    const { tokens, requests, money } = this.#budget;
    const price = this.#price(model);
    if (money !== undefined && price === undefined) return { ok: false, why: 'no price' };
    const ticket = { model, input, output, money: costOf(price, { input, output, surcharge }) };
    if (requests !== undefined && this.#used.requests + 1 > requests)
      return {
        ok: false,
        why: 'spent',
        reached: { limit: 'requests', used: this.#used.requests, max: requests },
      };
    for (const [limit, max, wanted] of [
      ['tokens', tokens, input + output],
      ['money', money, ticket.money],
    ] as const) {
      if (max === undefined || this.#used[limit] + this.#held(limit) + wanted <= max) continue;
      if (this.#open.size > 0 && this.#used[limit] + wanted <= max) return { ok: false, why: 'busy' };
      return { ok: false, why: 'spent', reached: { limit, used: this.#used[limit], max } };
    }
    this.#used.requests += 1;
    this.#open.add(ticket);
    return { ok: true, ticket };
  }

  /**
   * The call is over. `usage` absent: nobody told, so all that was set aside is used; `free`: it was refused, and costs
   * nothing.
   *
   * @returns what it cost, where prices are known, and a bound that is reached now
   */
  settle(ticket: Ticket, told: Usage | undefined | 'free'): { cost?: number; reached?: Reached } {
    this.#open.delete(ticket);
    if (told === 'free') return {};
    const usage = told ?? { input: ticket.input, output: ticket.output };
    const price = this.#price(ticket.model);
    const cost = told ? costOf(price, told) : ticket.money;
    this.#used.tokens += usage.input + usage.output;
    this.#used.money += cost;
    const reached = this.#reached();
    return { ...(price && { cost }), ...(reached && { reached }) };
  }

  /** Said once. */
  #reached(): Reached | undefined {
    if (this.#told) return undefined;
    for (const limit of ['tokens', 'money'] as const) {
      const max = this.#budget[limit];
      if (max === undefined || this.#used[limit] < max) continue;
      this.#told = true;
      return { limit, used: this.#used[limit], max };
    }
    return undefined;
  }

  #held(limit: 'tokens' | 'money'): number {
    let sum = 0;
    for (const { input, output, money } of this.#open) sum += limit === 'money' ? money : input + output;
    return sum;
  }

  #price(model: string): ModelPrice | undefined {
    return Object.entries(this.#prices).find(([pattern]) => matchesModel(pattern, model))?.[1];
  }
}

function costOf(price: ModelPrice | undefined, usage: Usage): number {
  if (!price) return 0;
  const { input, output, surcharge = 0 } = usage;
  // more from the cache than there was at all would give money back
  const cached = Math.min(usage.cached ?? 0, input);
  const plain = (input - cached + surcharge) * price.input + cached * (price.cached ?? price.input);
  return (plain + output * price.output) / MILLION;
}
