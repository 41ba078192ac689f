import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type CgroupFacts,
  createGroups,
  detectCgroups,
  groupName,
  groupOwner,
  type RunGroups,
  readUsage,
  removeGroups,
  staleGroups,
  sweepGroups,
} from './index.ts';
import { parseGroupName } from './names.ts';

function facts(
  mountinfo: string[],
  cgroup: string,
  files: Record<string, string>,
  writable: (path: string) => boolean,
): CgroupFacts {
  return { mountinfo: mountinfo.join('\n'), cgroup, read: (path) => files[path], writable };
}

const UNIFIED = '31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';

describe('detection', () => {
  it('takes the delegated ancestor of an ordinary user under systemd', () => {
    const service = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service';
    const own = '/user.slice/user-1000.slice/user@1000.service/app.slice/terminal.scope';
    const found = detectCgroups(
      facts(
        [UNIFIED],
        `0::${own}\n`,
        {
          [`${service}/cgroup.subtree_control`]: 'memory pids\n',
          [`${service}/app.slice/cgroup.subtree_control`]: 'memory pids\n',
          '/sys/fs/cgroup/cgroup.subtree_control': 'cpuset cpu io memory pids\n',
        },
        (path) => path.startsWith(service),
      ),
    );
    expect(found.unified).toMatchObject({ parent: `${service}/app.slice`, controllers: ['memory', 'pids'] });
    expect(found.missing).toEqual(['the cpu controller is not available']);
  });

  it('finds nothing in a login session that is not delegated, and says so', () => {
    const found = detectCgroups(
      facts([UNIFIED], '0::/user.slice/user-1000.slice/session-3.scope\n', {}, () => false),
    );
    expect(found.unified).toBeUndefined();
    expect(found.missing[0]).toMatch(/delegated/);
  });

  it('takes version 1 controllers beside an empty version 2', () => {
    const found = detectCgroups(
      facts(
        [
          '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
          '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
          '36 31 0:33 /docker/ab /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory',
        ],
        '4:memory:/docker/ab\n2:cpu,cpuacct:/x\n0::/\n',
        {},
        (path) => !path.includes('memory'),
      ),
    );
    expect(found.unified).toMatchObject({ parent: '/sys/fs/cgroup/unified', controllers: [] });
    expect(found.legacy).toEqual({
      cpu: '/sys/fs/cgroup/cpu,cpuacct/x',
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct/x',
    });
    expect(found.missing).toEqual([
      'the memory controller is version 1 and not writable',
      'the pids controller is not available',
    ]);
  });

  it('does not follow a path out of the cgroup namespace', () => {
    expect(detectCgroups(facts([UNIFIED], '0::/../../other\n', {}, () => true)).unified).toBeUndefined();
  });

  it('says what is missing where there is nothing', () => {
    const support = detectCgroups(facts([], '', {}, () => true));
    expect(support.unified).toBeUndefined();
    expect(createGroups(support, 'none', { memory: 1, processes: 2 })).toEqual({
      groups: [],
      freeze: false,
      kill: false,
      limits: {
        memory: { state: 'supervised', why: 'the memory controller is not available' },
        processes: { state: 'supervised', why: 'the pids controller is not available' },
      },
    });
  });
});

describe('names', () => {
  it('carry the owner and come back', () => {
    const owner = groupOwner();
    expect(parseGroupName(groupName('2026-01-01.a-b', owner))).toEqual({ run: '2026-01-01.a-b', ...owner });
    expect(parseGroupName('ringfence-x')).toBeUndefined();
    expect(parseGroupName('docker-1-2-3')).toBeUndefined();
    expect(() => groupName('../x', owner)).toThrow(RangeError);
  });
});

const support = detectCgroups();
const trial = createGroups(support, `trial${process.pid}`, { memory: 1 << 28, processes: 64, cpus: 1 });
await removeGroups(trial.groups.map(({ path }) => path));
const hard = (limit: 'memory' | 'processes' | 'cpus') => trial.limits[limit]?.state === 'hard';
if (!hard('memory')) console.log(`limits are not tried: ${JSON.stringify(trial.limits)}`);

describe('real groups', () => {
  let made: RunGroups | undefined;
  afterEach(async () => {
    const paths = made?.groups.map(({ path }) => path) ?? [];
    made = undefined;
    expect(await removeGroups(paths, { kill: true })).toEqual([]);
    expect(paths.filter((path) => existsSync(path))).toEqual([]);
  });

  /** A shell command line that first joins the groups. */
  const inside = (groups: RunGroups, command: string) =>
    `${groups.groups.map(({ path }) => `echo $$ > ${path}/cgroup.procs`).join('; ')}; ${command}`;

  it.skipIf(!hard('processes'))('hold the number of processes', () => {
    made = createGroups(support, 'pids', { processes: 4 });
    expect(made.limits.processes).toMatchObject({ state: 'hard' });
    const { stderr } = spawnSync('sh', [
      '-c',
      inside(made, 'for i in 1 2 3 4 5 6; do sleep 0.2 & done; wait'),
    ]);
    expect(stderr.toString()).toMatch(/fork/i);
  });

  it.skipIf(!hard('memory'))('hold memory', () => {
    made = createGroups(support, 'memory', { memory: 24 << 20 });
    expect(made.limits.memory).toMatchObject({ state: 'hard' });
    // tail keeps all of a line it has not seen the end of
    const { status } = spawnSync('sh', [
      '-c',
      inside(made, 'head -c 100000000 /dev/zero | tail >/dev/null; exit $?'),
    ]);
    expect(status).not.toBe(0);
  });

  it.skipIf(!hard('cpus'))('hold processors, and count', () => {
    made = createGroups(support, 'cpus', { cpus: 0.2 });
    const start = process.hrtime.bigint();
    execFileSync('sh', ['-c', inside(made, 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')]);
    const wall = Number(process.hrtime.bigint() - start) / 1e6;
    const { cpu } = readUsage(made.groups);
    expect(cpu).toBeGreaterThan(5);
    // a quota of a fifth, with a period of slack at either end
    expect(cpu).toBeLessThan(wall * 0.2 + 60);
  });

  it.skipIf(!trial.kill)(
    'of a dead owner are swept with what still runs there, those of a live one are not',
    async () => {
      made = createGroups(support, 'live', {});
      const dead = { ...groupOwner(), startTime: '1' };
      const left = join(support.unified?.parent ?? '', groupName(`dead${process.pid}`, dead));
      mkdirSync(left);
      const child = spawn('sleep', ['30'], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
      writeFileSync(join(left, 'cgroup.procs'), String(child.pid));
      expect(staleGroups(support)).toContain(left);
      expect(await sweepGroups(support)).toContain(left);
      expect(await ended).toBe('SIGKILL');
      expect(existsSync(left)).toBe(false);
      for (const { path } of made.groups) expect(existsSync(path)).toBe(true);
    },
  );
});
