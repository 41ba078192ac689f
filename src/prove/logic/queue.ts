/**
 * Facts that wait to be settled, cheapest first, equals in the order they came. Costs are few and small in practice: a bucket
 * for each, and a heap of the buckets' costs.
 *
 * @module
 */

interface Bucket {
  readonly ids: number[];
  read: number;
}

export class CostQueue {
  readonly #buckets = new Map<number, Bucket>();
  /** A binary heap of the costs that have a bucket. */
  readonly #costs: number[] = [];

  push(id: number, cost: number): void {
    const bucket = this.#buckets.get(cost);
    if (bucket !== undefined) {
      bucket.ids.push(id);
      return;
    }
    this.#buckets.set(cost, { ids: [id], read: 0 });
    const heap = this.#costs;
    let at = heap.push(cost) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as number) <= cost) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = cost;
  }

  /** The next fact and the cost it was pushed with. */
  pop(): { id: number; cost: number } | undefined {
    for (;;) {
      const cost = this.#costs[0];
      if (cost === undefined) return undefined;
      const bucket = this.#buckets.get(cost) as Bucket;
      if (bucket.read < bucket.ids.length) return { id: bucket.ids[bucket.read++] as number, cost };
      this.#buckets.delete(cost);
      this.#removeLeast();
    }
  }

  #removeLeast(): void {
    const heap = this.#costs;
    const last = heap.pop() as number;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
      if ((heap[child] as number) >= last) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
  }
}
