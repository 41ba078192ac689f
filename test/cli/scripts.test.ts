import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fits, readScript, runStep, writeFiles } from './script.ts';

const ENTRY = resolve(import.meta.dirname, '../../src/cli/entry.ts');

let place: string;
let environment: NodeJS.ProcessEnv;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'ringfence-script-'));
  for (const folder of ['bin', 'home', 'here']) mkdirSync(join(place, folder));
  // The program from its source, so that these tests never meet an old build.
  writeFileSync(join(place, 'bin', 'ringfence'), `#!/bin/sh\nexec '${process.execPath}' '${ENTRY}' "$@"\n`);
  chmodSync(join(place, 'bin', 'ringfence'), 0o755);
  environment = { PATH: `${join(place, 'bin')}:/usr/bin:/bin`, HOME: join(place, 'home'), LANG: 'C.UTF-8' };
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const names = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.txt') && name !== 'README.txt',
);

describe.each(names)('%s', (name) => {
  it('does what it says', () => {
    const script = readScript(readFileSync(join(import.meta.dirname, name), 'utf8'));
    expect(script.steps.length).toBeGreaterThan(0);
    const here = join(place, 'here');
    writeFiles(script, here);
    for (const step of script.steps) {
      const actual = runStep(step, here, environment);
      // Compared as text where it does not fit, for the difference.
      if (!fits(step.expected, actual)) {
        expect(actual.join('\n'), `${name}:${step.line}: ${step.command}`).toBe(step.expected.join('\n'));
      }
    }
  });
});

describe('the runner of scripts', () => {
  it('sees what does not fit', () => {
    expect(fits(['a', '...', 'z'], ['a', 'b', 'c', 'z'])).toBe(true);
    expect(fits(['a', '...', 'z'], ['a', 'b'])).toBe(false);
    expect(fits(['version <...>.'], ['version 1.'])).toBe(true);
    expect(fits(['version <...>.'], ['versio 1.'])).toBe(false);
    expect(fits([], ['a'])).toBe(false);
    expect(fits(['a'], [])).toBe(false);
    expect(fits(['...'], [])).toBe(true);
  });

  it('writes down output, errors and exit code', () => {
    const step = { line: 1, command: 'echo out; echo err >&2; exit 3', expected: [] };
    expect(runStep(step, place, environment)).toEqual(['out', '! err', '[3]']);
  });
});
