/**
 * The place in which replays run: its own loopback is the only network, one folder is all that can be written, and
 * nothing outlives whoever started it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identities, Place, ROOT } from '../run/place.ts';
import { until } from '../run/wait.ts';

const LAUNCHER = join(ROOT, 'dist', 'native', `linux-${process.arch}`, 'ringfence-cell');
const places: Place[] = [];
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

describe.each(identities())('the stage as %s', (identity) => {
  const stage = async (script: string, addresses = '127.0.0.1') => {
    const place = new Place(identity);
    places.push(place);
    const folder = place.folder('stage');
    const words = [LAUNCHER, 'stage', addresses, folder, 'sh', '-c', script];
    return { place, folder, ...(await place.start(words).result) };
  };

  it('has the addresses that it is given, and no other interface', async () => {
    const { stdout } = await stage(
      'cat /proc/net/dev | sed 1,2d | cut -d: -f1; cat /proc/net/fib_trie',
      '203.0.113.5,198.51.100.7',
    );
    expect(stdout.split('\n')[0]?.trim()).toBe('lo');
    expect(stdout).toContain('203.0.113.5');
    expect(stdout).toContain('198.51.100.7');
    expect(stdout).not.toMatch(/eth|wlan|192\.0\.2/);
  });

  it('lets ports below 1024 be taken', async () => {
    const { stdout } = await stage('cat /proc/sys/net/ipv4/ip_unprivileged_port_start');
    expect(stdout.trim()).toBe('0');
  });

  it('lets one folder be written, whoever asks', async () => {
    const { place, folder, stderr, stdout } = await stage(
      'echo x > here && echo written; for path in "$HOME/a" /etc/ringfence-a "$HOME/project/a" /tmp/ringfence-a; do echo x > "$path"; done; id -u',
    );
    expect(stdout).toContain('written');
    expect(stderr.match(/Read-only file system/g)).toHaveLength(4);
    expect(existsSync(join(folder, 'here'))).toBe(true);
    expect(readdirSync(place.project)).toEqual([]);
    expect(readdirSync(place.home)).toEqual(['project']);
  });

  it('sees no process outside, and ends with who started it', async () => {
    const place = new Place(identity);
    places.push(place);
    const folder = place.folder('stage');
    const mark = join(folder, 'alive');
    const script = `ls -d /proc/[0-9]* | wc -l; (while :; do date +%s%N > ${mark}; sleep 0.02; done) & wait`;
    const { child, result } = place.start([LAUNCHER, 'stage', '127.0.0.1', folder, 'sh', '-c', script]);
    await until('it to be alive', () => existsSync(mark));
    child.kill('SIGTERM');
    const { code, stdout } = await result;
    expect(code).toBe(128 + 9);
    expect(Number(stdout)).toBeLessThan(6);
  });
});
