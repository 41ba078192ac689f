/**
 * What watches fails while a run goes on: each run ends, or goes on, as its contract says, and the reason is on record.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place } from '../run/place.ts';
import { until } from '../run/wait.ts';

/** A call whose path cannot be read: the supervisor cannot say what it was, and says so. */
const BLIND = `
import ctypes, time
libc = ctypes.CDLL(None)
libc.openat(-100, ctypes.c_void_p(8), 0o101, 0o600)
time.sleep(0.5)
print("went-on", flush=True)
`;

const childrenOf = (pid: number): number[] => {
  const path = `/proc/${pid}/task/${pid}/children`;
  return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : [];
};

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  async function kinds(kind: string) {
    const found = [];
    for await (const event of readLedger(place.lastRecord().ledger))
      if (event.kind === kind) found.push(event);
    return found;
  }

  test.each([
    ['note', 0, 'ended'],
    ['stop', 122, 'loss'],
    ['kill', 122, 'loss'],
  ])('a sensor that loses an event, answered by %s', async (answer, status, reason) => {
    const contract = `oversight: { on: { loss: ${answer} } }\n`;
    const { code, stdout, stderr } = await place.run(['python3', '-c', BLIND], { contract });
    expect(code, stderr).toBe(status);
    expect(stdout.includes('went-on')).toBe(status === 0);
    expect(place.lastRecord()).toMatchObject({ reason, totals: { losses: 1 } });
    expect(await kinds('sensor.loss')).toMatchObject([{ sensor: 'files', count: 1 }]);
  });

  test('the supervisor is killed: nothing of the cell is left, and the record says why', async () => {
    const { child, result } = place.start(place.runWords(['sh', '-c', 'echo up; sleep 60']), { within: 30 });
    let heard = '';
    child.stdout?.on('data', (data: Buffer) => {
      heard += data.toString();
    });
    await until('the program', () => heard.includes('up'));
    const [supervisor] = childrenOf(child.pid as number);
    expect(supervisor).toBeDefined();
    process.kill(supervisor as number, 'SIGKILL');
    const { code, stderr } = await result;
    expect(code, stderr).toBe(122);
    expect(place.lastRecord()).toMatchObject({ reason: 'supervisor', incomplete: true });
    expect(await kinds('sensor.loss')).toMatchObject([{ sensor: 'supervisor' }]);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('echo up; sleep 60');
  });

  test('the disk of the record is full: the run ends, and does not end well', async () => {
    const full =
      'mount -t tmpfs -o size=1m,mode=700 none "$XDG_STATE_HOME" && exec setpriv --ambient-caps=-all --inh-caps=-all -- "$@"';
    const user = identity === 'root' ? [] : ['--user', '--map-current-user', '--keep-caps'];
    const before = ['unshare', ...user, '--mount', 'sh', '-c', full, 'sh'];
    const script = 'i=0; while [ $i -lt 20000 ]; do : >"f$((i % 9))"; i=$((i + 1)); done; echo went-on';
    const { code, stdout, stderr } = await place.run(['sh', '-c', script], { before, within: 50 });
    expect(code, stderr).toBe(122);
    expect(stdout).not.toContain('went-on');
    expect(stderr).toMatch(/record could not be written|cannot write the ledger/);
    expect(stderr).toContain('ENOSPC');
  });
});
