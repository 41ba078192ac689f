import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Attempts, doctorReport, gatherFacts, type MachineFacts, reportLines } from './index.ts';

const yes = { ok: true, errno: 0 };
const no = (errno = 1) => ({ ok: false, errno });
const GOOD: Attempts = {
  landlock: 7,
  userns: yes,
  namespaces: yes,
  netns: yes,
  mount: yes,
  overlay: yes,
  proc: yes,
  seccomp: yes,
  pidfdThread: yes,
  pidfdGetfd: yes,
};
const REFUSED = { userns: no(), namespaces: no(), netns: no(), mount: no(), overlay: no(), proc: no() };

function facts(attempts: Partial<Attempts> = {}, rest: Partial<MachineFacts> = {}): MachineFacts {
  return {
    platform: 'linux',
    kernel: '6.12.0-1-amd64',
    uid: 1000,
    launcher: { path: '/opt/ringfence/ringfence-cell', ok: true, attempts: { ...GOOD, ...attempts } },
    sysctl: {},
    systemd: true,
    cgroups: {
      unified: {
        parent: '/sys/fs/cgroup/x',
        controllers: ['memory', 'pids', 'cpu'],
        freeze: true,
        kill: true,
      },
      legacy: {},
      missing: [],
    },
    ...rest,
  };
}

function layer(of: MachineFacts, name: string) {
  const found = doctorReport(of).layers.find((candidate) => candidate.layer === name);
  if (!found) throw new Error(`no layer ${name}`);
  return found;
}

describe('the report', () => {
  it('is full where everything works', () => {
    const report = doctorReport(facts());
    expect(report).toMatchObject({ verdict: 'full', summary: 'Every layer of isolation works here.' });
    expect(report.layers.every(({ state, why }) => state === 'ok' && why === undefined)).toBe(true);
  });

  it('gives every lack a reason and something to do', () => {
    const nothing = { unified: undefined, legacy: {}, missing: [] };
    const cases = [
      facts(REFUSED),
      facts({ landlock: 0, seccomp: no(22), pidfdThread: no(22), pidfdGetfd: no() }),
      facts({}, { cgroups: { legacy: nothing.legacy, missing: [] }, systemd: false }),
    ];
    for (const of of cases) {
      for (const { state, why, mend, layer: name } of doctorReport(of).layers) {
        if (state !== 'ok')
          expect([name, Boolean(why), name === 'System call filter' || Boolean(mend)]).toEqual([
            name,
            true,
            true,
          ]);
      }
    }
  });

  const refusals: [string, Partial<MachineFacts>, RegExp, RegExp][] = [
    [
      "Ubuntu's AppArmor rule",
      { sysctl: { apparmorRestrictsUserns: 1 } },
      /AppArmor/,
      /profile ringfence "\/opt\/ringfence\/ringfence-cell".*apparmor_parser -r/,
    ],
    [
      "Debian's switch",
      { sysctl: { unprivilegedUsernsClone: 0 } },
      /unprivileged_userns_clone is 0/,
      /userns_clone=1/,
    ],
    ['no namespaces at all', { sysctl: { maxUserNamespaces: 0 } }, /max_user_namespaces is 0/, /=15000/],
    [
      'Docker',
      { container: 'docker', uid: 0 },
      /docker container/,
      /docker run --security-opt seccomp=unconfined/,
    ],
    ['Podman', { container: 'podman' }, /podman container/, /podman run/],
    ['Kubernetes', { container: 'kubernetes' }, /Kubernetes pod/, /"procMount":"Unmasked"/],
    ['the old Windows subsystem', { wsl: 1 }, /version 1 of the Windows/, /wsl --set-version/],
  ];
  it.each(refusals)('names the cause and the command: %s', (_, rest, why, command) => {
    const of = facts(REFUSED, rest);
    expect(doctorReport(of).verdict).toBe('none');
    const found = layer(of, 'Namespaces');
    expect(found).toMatchObject({ state: 'missing' });
    expect(found.why).toMatch(why);
    expect(found.mend?.command).toMatch(command);
  });

  it('does not blame AppArmor or a sysctl where root is refused', () => {
    const of = facts(REFUSED, { uid: 0, sysctl: { apparmorRestrictsUserns: 1, unprivilegedUsernsClone: 0 } });
    expect(layer(of, 'Namespaces').why).toMatch(/errno 1/);
    expect(doctorReport(of).layers.map((entry) => entry.layer)).not.toContain('User namespace');
  });

  it('tells an old kernel from a refusal', () => {
    expect(layer(facts({ overlay: no() }, { kernel: '5.10.0-9-amd64' }), 'Overlay workspace').why).toMatch(
      /5\.11/,
    );
    expect(layer(facts({ overlay: no(22) }), 'Overlay workspace').why).toMatch(/errno 22/);
    expect(layer(facts({ proc: no() }, { container: 'docker' }), 'Private /proc')).toMatchObject({
      why: expect.stringMatching(/covers parts of \/proc/),
      mend: { command: expect.stringMatching(/systempaths=unconfined/) },
    });
  });

  it('says what an older Landlock lacks, and how to switch it on', () => {
    expect(layer(facts({ landlock: 1 }), 'Landlock')).toMatchObject({
      state: 'reduced',
      why: expect.stringMatching(/moving files.*cutting files.*signals/),
    });
    expect(layer(facts({ landlock: 6 }), 'Landlock').state).toBe('ok');
    const off = layer(facts({ landlock: 0 }, { securityModules: ['capability', 'yama'] }), 'Landlock');
    expect(off.mend?.command).toMatch(/lsm=landlock,capability,yama/);
    expect(doctorReport(facts({ landlock: 0 })).verdict).toBe('reduced');
  });

  it('calls limits that are only watched reduced, and says how to get hard ones', () => {
    const login = {
      legacy: {},
      missing: ['no cgroup version 2 group that we are in is delegated to this user'],
    };
    expect(layer(facts({}, { cgroups: login }), 'Memory limit')).toMatchObject({
      state: 'reduced',
      mend: { command: expect.stringMatching(/systemd-run --user --scope/) },
    });
    const without = facts(
      {},
      {
        cgroups: {
          unified: { parent: '/x', controllers: ['memory', 'pids'], freeze: true, kill: true },
          legacy: {},
          missing: ['the cpu controller is not available'],
        },
      },
    );
    expect(layer(without, 'Processor limit')).toMatchObject({
      why: expect.stringMatching(/cpu controller is not available; instead: binding/),
      mend: { command: expect.stringMatching(/Delegate=cpu/) },
    });
    expect(layer(without, 'Freeze and kill').state).toBe('ok');
  });

  it.each([
    ['darwin', /macOS/, /lima/],
    ['win32', /Windows/, /wsl --install/],
  ])('sends %s to a Linux', (platform, why, command) => {
    const report = doctorReport(facts({}, { platform }));
    expect(report.verdict).toBe('none');
    expect(report.layers[0]?.why).toMatch(why);
    expect(report.layers[0]?.mend?.command).toMatch(command);
  });

  it('prints lines that a person can follow', () => {
    const lines = reportLines(doctorReport(facts(REFUSED, { sysctl: { unprivilegedUsernsClone: 0 } })));
    const at = lines.findIndex((line) => line.startsWith('missing  Namespaces'));
    expect(lines[at + 1]).toMatch(/^ +why: kernel\.unprivileged/);
    expect(lines[at + 2]).toMatch(/^ +do: {2}echo/);
    expect(lines.at(-1)).toMatch(/^No full cell can be made here; missing: User namespace, Namespaces/);
  });

  it('offers shell commands that parse', () => {
    for (const rest of refusals.map(([, machine]) => machine)) {
      for (const { mend } of doctorReport(facts({ ...REFUSED, landlock: 0 }, rest)).layers) {
        if (!mend?.command || mend.command.startsWith('wsl')) continue;
        const { status, stderr } = spawnSync('sh', ['-n', '-c', mend.command], { encoding: 'utf8' });
        expect([mend.command, status, stderr]).toEqual([mend.command, 0, '']);
      }
    }
  });
});

describe('gathering', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'machine-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const launcher = (script: string) => {
    const path = join(folder, 'launcher');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return path;
  };

  it('takes what the launcher tried', () => {
    const answer = JSON.stringify({ uid: 1, ...GOOD });
    const found = gatherFacts({ launcher: launcher(`test "$1" = doctor && echo '${answer}'`) });
    expect(found.launcher).toMatchObject({ ok: true, attempts: GOOD });
    expect(found.uid).toBe(process.getuid?.());
    expect(found.kernel).toMatch(/^\d+\.\d+/);
  });

  it.each([
    ['exit 3', /ended with 3/],
    ['echo no >&2; exit 1', /^no$/],
    ['echo text', /not JSON/],
    ['echo "{}"', /lacks landlock/],
  ])('says what is wrong with a launcher that does: %s', (script, problem) => {
    const found = gatherFacts({ launcher: launcher(script) });
    expect(found.launcher.ok ? '' : found.launcher.problem).toMatch(problem);
    expect(doctorReport(found)).toMatchObject({ verdict: 'none' });
  });

  it('says that the launcher is missing, and how to build it', () => {
    const report = doctorReport(gatherFacts({ launcher: join(folder, 'absent') }));
    expect(report.layers[0]).toMatchObject({
      layer: 'Launcher',
      why: expect.stringMatching(/ENOENT/),
      mend: { command: 'npm run setup' },
    });
  });
});
