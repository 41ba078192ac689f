import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { placeOf } from './contract.ts';

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
