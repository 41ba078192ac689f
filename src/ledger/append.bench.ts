/**
 * How many events a second one core appends, durable in batches; and how fast they are verified and indexed. Prints JSON.
 * `node src/ledger/append.bench.ts [EVENTS] [ROUNDS]`
 *
 * @module
 */
import { join } from 'node:path';
import { makeKeys, sampleEvent, temporaryFolder } from './fixtures.ts';
import { openIndex } from './search-index.ts';
import { verifyLedger } from './verify.ts';
import { openLedger } from './writer.ts';

const [events = 300_000, rounds = 5] = process.argv.slice(2).map(Number);

function median(values: number[]): number {
  return Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
}

const wall: number[] = [];
const processor: number[] = [];
const verified: number[] = [];
const indexed: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  using folder = temporaryFolder();
  const dir = join(folder.path, 'run');
  const keys = makeKeys();
  const onFailure = (error: Error): void => {
    throw error;
  };
  const options = {
    dir,
    run: 'run-0123456789',
    cell: 'cell-1',
    ...keys,
    secrets: ['a-known-secret'],
    onFailure,
  };
  const ledger = openLedger(options);
  const before = process.cpuUsage();
  const start = performance.now();
  for (let index = 0; index < events; index += 1) {
    ledger.append(sampleEvent(index));
    // A controller returns to its event loop now and then; only there syncs and signatures get their turn.
    if (index % 2000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await ledger.close();
  wall.push((events / (performance.now() - start)) * 1000);
  const used = process.cpuUsage(before);
  processor.push((events / (used.user + used.system)) * 1e6);
  const verifying = performance.now();
  if (verifyLedger(dir, { publicKey: keys.signer }).status !== 'ok') throw new Error('does not verify');
  verified.push((events / (performance.now() - verifying)) * 1000);
  const indexing = performance.now();
  openIndex(dir).close();
  indexed.push((events / (performance.now() - indexing)) * 1000);
}
console.log(
  JSON.stringify({
    events,
    rounds,
    appendPerSecond: median(wall),
    appendPerCpuSecond: median(processor),
    verifyPerSecond: median(verified),
    indexPerSecond: median(indexed),
  }),
);
