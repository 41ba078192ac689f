import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseContract } from '../../../contract/index.ts';
import { inPlace, placeOf } from './contract.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-places-')));
const home = join(root, 'home');
mkdirSync(join(home, '.ssh'), { recursive: true });
symlinkSync(home, join(root, 'other-name'));
afterAll(() => rmSync(root, { recursive: true }));

describe('what a contract reads', () => {
  it.each([
    ['~/.ssh', '.ssh'],
    ['~', ''],
    [`${home}/.ssh`, '.ssh'],
    [`${root}//home//.ssh/`, '.ssh'],
    [`${root}/other-name/.ssh`, '.ssh'],
    [`${root}/other-name/not-there`, 'not-there'],
  ])('%s is the scratch home’s', (written, below) => {
    expect(placeOf(written, home)).toEqual({ below });
  });

  it('is the machine’s programs, or is left out', () => {
    expect(placeOf('/usr/share/doc', home)).toBe('machine');
    for (const path of ['/etc/shadow', '/', '/proc/1', `${root}/data`, '/usr/../etc/shadow'])
      expect(placeOf(path, home), path).toBe('left out');
  });
});

it('answers no finding, and starts nothing of the caller’s', () => {
  const text =
    'ringfence: 1\nname: a\noversight: { rules: [./mine], on: { violation: kill, finding: { critical: kill } } }\n';
  const loaded = parseContract(text, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded));
  const written = {
    tools: [{ mcp: './mcp.json' }],
    people: [{ channel: 'email' }],
    oversight: { rules: ['./mine'], on: { violation: 'kill', finding: { critical: 'kill' } } },
  };
  const placed = inPlace(written, loaded.contract, { home: '/home', names: new Map(), authority: '/ca.pem' });
  expect(placed).not.toHaveProperty('tools');
  expect(placed).not.toHaveProperty('people');
  expect(placed.oversight).toEqual({
    on: {
      violation: 'kill',
      finding: { informational: 'note', low: 'note', medium: 'note', high: 'note', critical: 'note' },
      overload: 'note',
      loss: 'note',
    },
  });
});
