/**
 * Events as they happened: what is recorded first need not have happened first.
 *
 * @module
 */
import type { Events, Order } from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it. */
export function makeOrder({ count, time }: Events): Order {
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
    (one, other) => (time[one] as number) - (time[other] as number) || one - other,
  );
  const places = new Uint32Array(count);
  for (let place = 0; place < count; place += 1) places[order[place] as number] = place;
  const timeOf = (place: number): number => time[order[place] as number] as number;
  return {
    events: order,
    places,
    timeOf,
    firstFrom(from) {
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (timeOf(middle) < from) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}
