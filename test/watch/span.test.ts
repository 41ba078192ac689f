/**
 * The span in a program's environment, as the supervisor reads it from real processes of a real cell.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place } from '../run/place.ts';

const SPAN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  async function spans(script: string): Promise<Record<string, string | undefined>> {
    const { code, stderr } = await place.run(['bash', '-c', script]);
    expect(code, stderr).toBe(0);
    const found: Record<string, string | undefined> = {};
    for await (const event of readLedger(place.lastRecord().ledger))
      if (event.kind === 'process.exec') found[event.owner.argv?.join(' ') ?? ''] = event.traceparent;
    return found;
  }

  test('is read where it is, however the environment looks', async () => {
    const found = await spans(`
      env true plain
      TRACEPARENT=${SPAN} env true first
      export TRACEPARENT=${SPAN}; env true exported
      env -i TRACEPARENT=${SPAN} true alone
      for i in $(seq 300); do export "V$i=$i"; done; env true among
      env -i true none
      env -i TRACEPARENT= true empty
      export TRACEPARENT=$(printf '%3000s' | tr ' ' x); env true long
      true`);
    expect(found['true plain']).toBeUndefined();
    expect(found['true first']).toBe(SPAN);
    expect(found['true exported']).toBe(SPAN);
    expect(found['true alone']).toBe(SPAN);
    expect(found['true among']).toBe(SPAN);
    expect(found['true none']).toBeUndefined();
    expect(found['true empty']).toBeUndefined();
    expect(found['true long']?.length).toBeLessThan(80);
  });
});
