/**
 * Runs whose record was written by the ledger itself, as fast as it goes: nothing ran.
 *
 * @module
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEvent } from '../../src/contract/index.ts';
import { loadKeys, openLedger } from '../../src/ledger/index.ts';
import type { Place } from '../run/place.ts';

export const folderOf = (place: Place, id: string): string => join(place.state, 'ringfence/runs', id);

/**
 * @param facts what its `run.json` says otherwise than that of an ordinary run that has ended
 * @param segmentBytes after which another file of the record begins
 */
export async function recordedRun(
  place: Place,
  id: string,
  events: Iterable<LedgerEvent>,
  facts: Record<string, unknown> = {},
  segmentBytes = 64 << 20,
): Promise<void> {
  const folder = folderOf(place, id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const ledger = openLedger({
    ...{ dir: join(folder, 'ledger'), run: id, cell: id, ...loadKeys(join(place.state, 'ringfence/keys')) },
    segmentBytes,
    onFailure: (error) => {
      throw error;
    },
  });
  for (const { seq: _seq, time: _time, run: _run, cell: _cell, context, ...body } of events)
    ledger.append(body, undefined, context);
  await ledger.close();
  writeFileSync(
    join(folder, 'run.json'),
    JSON.stringify({
      ...{ version: 1, id, name: 't', command: ['true'], workspace: place.project, pid: 1, startTime: '0' },
      ...{ contract: { name: 't', path: '/none', sha256: '' }, groups: [], started: '2026-11-22T09:00:00Z' },
      ...{ ended: '2026-11-22T09:01:00Z', exit: 0, reason: 'ended' },
      ...facts,
    }),
  );
  const state = join(place.state, 'ringfence');
  place.own(state);
  for (const entry of readdirSync(state, { recursive: true, encoding: 'utf8' }))
    place.own(join(state, entry));
}
