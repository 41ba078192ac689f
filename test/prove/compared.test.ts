/**
 * `prove --recorded`, `--diff` and what a report finds, over what is really there: a run’s ledger, a repository’s history.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Difference } from '../../src/prove/compare/index.ts';
import type { ExcessReport } from '../../src/prove/objective/index.ts';
import type { Finding } from '../../src/prove/report/index.ts';
import { identities, Place, ROOT } from '../run/place.ts';

const CONTRACT = `
objective: { task: Make the answer right., success: { run: sh test/check.sh, protect: ["test/**"] } }
network: [{ host: api.example.com }]
resolve: { api.example.com: [198.51.100.1] }
files: { write: ["**"] }
`;

const PROGRAM = join(ROOT, 'ringfence');

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
    place.file('test/check.sh', 'test "$(cat src/answer)" = 42\n');
    place.file('src/answer', '41\n');
    write(CONTRACT);
  });
  afterEach(() => place.remove());

  const write = (text: string) => place.file('ringfence.yaml', `ringfence: 1\nname: t\n${text}`);
  const run = async (script: string) => {
    const { code, stderr } = await place.start([
      PROGRAM,
      'run',
      '--json',
      place.record,
      '--',
      'sh',
      '-c',
      script,
    ]).result;
    expect(stderr).toContain('graded');
    expect(code).toBe(0);
    return place.lastRecord().run;
  };
  const json = async <T>(...args: string[]) => {
    const { code, stdout, stderr } = await place.command('prove', '--json', ...args);
    expect(stderr).toBe('');
    return { code, value: JSON.parse(Buffer.from(stdout, 'latin1').toString()) as T };
  };

  test('what a run used is needed; the rest is excess, with what it leaves open', async () => {
    const id = await run('echo 42 > src/answer');
    const { code, value } = await json<ExcessReport>('--recorded', id);
    expect(code).toBe(1);
    const excess = new Map(value.excess.map((each) => [each.clause, each]));
    expect(excess.get('files.write[0]')).toMatchObject({ keeps: ['src/**'] });
    expect(excess.get('network[0]')?.leaves).toContainEqual({ hazard: 'exfiltration', verdict: 'PROVED' });
    expect(value.limits.join()).not.toContain('not graded');
    const told = await place.command('prove', '--recorded', id);
    expect(told.stdout).toContain('without it: exfiltration');
  });

  test('a run that succeeded shows that the task is possible; another contract’s does not', async () => {
    const ids = async () => (await json<{ findings: Finding[] }>()).value.findings.map(({ id }) => id);
    expect(await ids()).toEqual(['objective.unshown']);
    await run('true');
    expect(await ids()).toEqual(['objective.unshown']);
    await run('echo 42 > src/answer');
    expect(await ids()).toEqual([]);
    // what gave more shows nothing about what gives less
    write(CONTRACT.replace('["**"]', '[test/**]'));
    expect(await ids()).toEqual(['objective.unshown']);
  });

  test('a run under a contract that gave less shows it, too, while that contract is as it was', async () => {
    const narrow = place.file(
      'narrow.yaml',
      `ringfence: 1\nname: t\n${CONTRACT.replace('["**"]', '[src/**]')}`,
    );
    const words = [
      PROGRAM,
      'run',
      '--contract',
      narrow,
      '--json',
      place.record,
      '--',
      'sh',
      '-c',
      'echo 42 > src/answer',
    ];
    expect((await place.start(words).result).code).toBe(0);
    const ids = async () => (await json<{ findings: Finding[] }>()).value.findings.map(({ id }) => id);
    expect(await ids()).toEqual([]);
    writeFileSync(narrow, `ringfence: 1\nname: t\n${CONTRACT}\ncompute: { cpus: 1 }\n`);
    expect(await ids()).toEqual(['objective.unshown']);
  });

  test('a change is compared with a revision, and no program of the repository runs meanwhile', async () => {
    const git = (...args: string[]) => {
      const [program = '', ...words] = place.asUser([
        'git',
        '-C',
        place.project,
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@example.com',
        ...args,
      ]);
      execFileSync(program, words, { stdio: 'ignore', env: place.environment() });
    };
    git('init', '-q', '-b', 'main');
    git('add', 'ringfence.yaml');
    git('commit', '-qm', 'first');
    // what would run if a filter, a helper or a monitor were asked
    const mark = join(place.root, 'runtime/mark');
    git('config', 'core.fsmonitor', `touch ${mark}; false`);
    git('config', 'filter.x.smudge', `touch ${mark}`);
    git('config', 'diff.x.textconv', `touch ${mark}`);
    place.file('.gitattributes', '*.yaml filter=x diff=x\n');
    write(
      CONTRACT.replace(
        '[{ host: api.example.com }]',
        '[{ host: api.example.com }, { host: other.example.com }]',
      ),
    );
    for (const old of ['main', 'HEAD', 'git:main', 'main:ringfence.yaml', 'HEAD:./ringfence.yaml']) {
      const { code, value } = await json<Difference>('--diff', old);
      expect(code).toBe(1);
      expect(value.opened.grants.map(({ clause }) => clause)).toEqual(['network[1]']);
    }
    for (const old of ['nowhere', '--upload-pack=x', 'main:none.yaml', 'git:', ':']) {
      const { code, stderr } = await place.command('prove', `--diff=${old}`);
      expect([code, stderr]).toEqual([2, expect.stringContaining('ringfence:')]);
    }
    expect(() => execFileSync('test', ['-e', mark])).toThrow();
  });
});
