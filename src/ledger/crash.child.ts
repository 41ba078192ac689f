/**
 * A writer that is killed by its test: appends for ever, says on stdout what is durable.
 * Arguments: folder of the ledger, folder of the keys.
 *
 * @module
 */
import { writeSync } from 'node:fs';
import { sampleEvent } from './fixtures.ts';
import { loadKeys } from './keys.ts';
import { openLedger } from './writer.ts';

const [dir = '', keys = ''] = process.argv.slice(2);
const ledger = openLedger({
  dir,
  run: 'run-1',
  cell: 'cell-1',
  ...loadKeys(keys),
  segmentBytes: 60_000,
  batchBytes: 8_000,
  intervalMs: 5,
  onFailure: (error) => {
    writeSync(1, `failed ${error.code} ${error.message} ${error.hint}\n`);
    process.exit(9);
  },
});
for (let index = 0; ; index += 1) {
  ledger.append(sampleEvent(index));
  if (index % 37 === 0) {
    const { size } = await ledger.flush();
    writeSync(1, `durable ${size}\n`);
  }
}
