import { expect, test } from 'vitest';
import type { LedgerEvent } from '../../../contract/index.ts';
import type { Observation } from '../../observation.ts';
import { ShellAnalyser } from './analyser.ts';

const RECORDS = '/home/me/.local/state/ringfence/runs';
const OWN = `${RECORDS}/1/cell/reduced`;
const standIns = [
  [`${OWN}/copy/project`, '/home/me/project'],
  [`${OWN}/home`, '/home/me'],
] as const;

function seen(cwd: string, ...argv: string[]): Observation['fields'] {
  const analyser = new ShellAnalyser({ workspace: `${OWN}/copy/project`, home: '/home/me', standIns });
  const found: Observation[] = [];
  const event = { kind: 'process.exec', path: `/usr/bin/${argv[0]}`, cwd, owner: { pid: 2, argv } };
  analyser.observe(event as unknown as LedgerEvent, (one) => found.push(one), { time: 0n } as never);
  return found[0]?.fields ?? {};
}

test('what a run on a copy does there is done in its workspace', () => {
  expect(seen(`${OWN}/copy/project`, 'cp', 'a', 'out')).toMatchObject({
    Reads: ['/home/me/project/a'],
    Writes: expect.arrayContaining(['/home/me/project/out']),
  });
  expect(seen('/', 'rm', '-rf', `${OWN}/copy/project`)).toMatchObject({
    Deletes: ['/home/me/project'],
    DeleteScope: ['workspace'],
  });
  expect(seen(`${OWN}/home`, 'cat', '.ssh/id')).toMatchObject({ Reads: ['/home/me/.ssh/id'] });
});

test('the records beside it, and the copies of other runs, are what they are', () => {
  for (const path of [`${OWN}/closed`, `${OWN}/copy/../closed`, `${RECORDS}/2/cell/reduced/copy/project/a`])
    expect(seen(`${OWN}/copy/project`, 'cat', path).Reads).toEqual([path.replace('/copy/..', '')]);
  expect(seen(`${OWN}/copy/project`, 'cat', '../../closed').Reads).toEqual([`${OWN}/closed`]);
});
