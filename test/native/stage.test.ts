/**
 * The place in which replays run: its own loopback is the only network, one folder is all that can be written, and
 * nothing outlives whoever started it.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { identities, ORDINARY_USER, Place, ROOT } from '../run/place.ts';
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

  it('has no socket of the machine’s services, wherever it lies, and no folder of theirs', async () => {
    const place = new Place(identity);
    places.push(place);
    const folder = place.folder('stage');
    const socket = join(place.home, 'service.sock');
    let came = 0;
    const server = createServer(() => {
      came += 1;
    });
    await new Promise<void>((done) => server.listen(socket, done));
    chmodSync(socket, 0o666);
    const connect = `import socket; socket.socket(socket.AF_UNIX).connect(${JSON.stringify(socket)})`;
    const before = spawnSync('python3', ['-c', connect], { encoding: 'utf8' });
    const script = `python3 -c '${connect}'; find /run -mindepth 1 | wc -l`;
    const { result } = place.start([LAUNCHER, 'stage', '127.0.0.1', folder, 'sh', '-c', script]);
    const { stderr, stdout } = await result;
    await new Promise((done) => server.close(done));
    expect(before.stderr).toBe('');
    expect(stderr).toMatch(/refused|Connection/);
    expect(stdout.trim()).toBe('0');
    expect(came).toBe(1);
  });

  it('has no device but those that any program may use, and terminals of its own', async () => {
    const { stdout } = await stage(
      'for path in /dev/* /dev/pts/*; do [ -c "$path" ] || [ -b "$path" ] && echo "$path"; done < /dev/null 2>&1',
    );
    const few = ['full', 'null', 'ptmx', 'pts/ptmx', 'random', 'tty', 'urandom', 'zero'];
    const found = stdout
      .trim()
      .split('\n')
      .filter((path) => !path.startsWith('/dev/std'));
    expect(found.sort()).toEqual(few.map((name) => `/dev/${name}`));
  });

  it('sees what others leave for a moment only where the program itself lies there', async () => {
    const shared = mkdtempSync('/var/tmp/ringfence-stage-');
    const other = mkdtempSync('/var/tmp/ringfence-stage-');
    try {
      const folder = join(shared, 'stage');
      mkdirSync(join(folder, 'tmp'), { recursive: true });
      if (identity === 'user' && process.getuid?.() === 0)
        for (const path of [shared, folder, join(folder, 'tmp')])
          chownSync(path, ORDINARY_USER, ORDINARY_USER);
      const place = new Place(identity);
      places.push(place);
      const { result } = place.start([LAUNCHER, 'stage', '127.0.0.1', folder, 'ls', shared, '/var/tmp']);
      const { stdout, stderr } = await result;
      expect(stderr).toBe('');
      expect(stdout).toContain('stage');
      expect(stdout).not.toContain(basename(other));
    } finally {
      for (const path of [shared, other]) rmSync(path, { recursive: true });
    }
  });

  it.runIf(identity === 'root')('has names of its own where resolv.conf is a link into /run', async () => {
    const place = new Place(identity);
    places.push(place);
    const folder = place.folder('stage');
    const layers = place.folder('layers');
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc', 'resolv.conf'), 'nameserver 127.0.0.53\n');
    // in mounts of its own: an /etc whose resolv.conf is such a link
    const script = [
      'mount -t tmpfs tmpfs "$0" && mkdir "$0/upper" "$0/work"',
      'mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/upper,workdir=$0/work" /etc',
      'mount -t tmpfs tmpfs /run && mkdir -p /run/resolve && echo theirs > /run/resolve/stub.conf',
      'rm -f /etc/resolv.conf && ln -s ../run/resolve/stub.conf /etc/resolv.conf && cat /etc/resolv.conf',
      'exec "$1" stage 127.0.0.1 "$2" cat /etc/resolv.conf',
    ].join(' && ');
    const { result } = place.start(['unshare', '-m', 'sh', '-c', script, layers, LAUNCHER, folder]);
    expect((await result).stdout).toBe('theirs\nnameserver 127.0.0.53\n');
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
