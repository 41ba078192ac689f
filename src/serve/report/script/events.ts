/**
 * The events of a page, read from its data.
 *
 * @module
 */
import type { Embedded } from '../embed.ts';
import type { Events } from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it. */
export function readEvents(text: string): Events {
  const data = JSON.parse(text) as Embedded;
  const count = data.seq.length;
  const seq = new Int32Array(count);
  const time = new Float64Array(count);
  const weight = new Uint8Array(count);
  const lane = new Uint8Array(count);
  let [atSeq, atTime] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    atSeq += data.seq[index] as number;
    atTime += data.time[index] as number;
    seq[index] = atSeq;
    time[index] = atTime;
    weight[index] = data.weight.charCodeAt(index) - 48;
    lane[index] = data.kindLane[data.kind[index] as number] ?? 0;
  }
  const indexOf = (wanted: number): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((seq[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return seq[low] === wanted ? low : -1;
  };
  return { data, count, seq, time, weight, lane, indexOf };
}
