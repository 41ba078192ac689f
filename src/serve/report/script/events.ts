/**
 * The events of a page, read from its data.
 *
 * @module
 */
import type { Embedded, Written } from '../embed.ts';
import type { Packed, Value } from '../pack.ts';
import type { Events } from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it. */
export function readEvents(text: string): Events {
  const columnsOf = ({ count, same, words, steps, plain }: Packed): Record<string, Value[]> => {
    const columns: Record<string, Value[]> = { ...plain };
    for (const [name, value] of Object.entries(same)) columns[name] = new Array<Value>(count).fill(value);
    for (const [name, { list, places }] of Object.entries(words))
      columns[name] = places.map((place) => list[place] ?? '');
    for (const [name, differences] of Object.entries(steps)) {
      let sum = 0;
      columns[name] = differences.map((difference) => {
        sum += difference;
        return sum;
      });
    }
    return columns;
  };
  const rowsOf = <Row>(packed: Packed): Row[] => {
    const columns = Object.entries(columnsOf(packed));
    return Array.from({ length: packed.count }, (_, row) => {
      const values: Record<string, Value> = {};
      for (const [name, column] of columns) {
        const value = column[row] ?? null;
        if (value !== null) values[name] = value; // a row does not have what is not known of it
      }
      return values as Row;
    });
  };
  const written = JSON.parse(text) as Written;
  const data = {
    ...written,
    ...columnsOf(written.events),
    processes: rowsOf(written.processes),
    flows: rowsOf(written.flows),
  } as unknown as Embedded;
  const count = written.events.count;
  const seq = Int32Array.from(data.seq);
  const time = Float64Array.from(data.time);
  const weight = new Uint8Array(count);
  const lane = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
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
