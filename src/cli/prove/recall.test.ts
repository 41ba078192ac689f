import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HAZARD_NAMES } from '../../contract/index.ts';
import type { Report } from '../../prove/report/index.ts';
import { type Basis, recall, remember } from './recall.ts';

const basis: Basis = {
  build: 'prove-x.js',
  contract: 'a',
  catalogue: 'b',
  home: '/home/operator',
  program: 'c',
};
const report: Report = {
  contract: 't',
  model: 1,
  verdicts: HAZARD_NAMES.map((hazard) => ({ hazard, verdict: 'UNKNOWN', reasons: [{ text: 'x', by: [] }] })),
  certified: undefined,
  proof: undefined,
};

let state = '';
let before: string | undefined;
beforeEach(() => {
  before = process.env.XDG_STATE_HOME;
  state = mkdtempSync(join(tmpdir(), 'ringfence-recall-'));
  process.env.XDG_STATE_HOME = state;
});
afterEach(() => {
  if (before === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = before;
  rmSync(state, { recursive: true, force: true });
});

const folder = () => join(state, 'ringfence', 'verdicts');
const entry = () => join(folder(), readdirSync(folder())[0] as string);

it('verdicts are found again for the same build, contract, catalogue and home, and no other', () => {
  expect(recall(basis)).toBeUndefined();
  remember(basis, report);
  expect(recall(basis)?.verdicts).toEqual(report.verdicts);
  for (const key of Object.keys(basis)) expect(recall({ ...basis, [key]: 'another' }), key).toBeUndefined();
});

it('what somebody else could have written, or is damaged, is not believed', () => {
  remember(basis, report);
  const right = readFileSync(entry(), 'utf8');
  const path = entry();
  chmodSync(path, 0o622);
  expect(recall(basis)).toBeUndefined();
  chmodSync(path, 0o600);
  expect(recall(basis)).toBeDefined();
  chmodSync(folder(), 0o777);
  expect(recall(basis)).toBeUndefined();
  chmodSync(folder(), 0o700);
  for (const wrong of [
    '',
    '{}',
    right.slice(0, -9),
    right.replace('UNKNOWN', 'SAFE'),
    right.replace(/"key":"../, '"key":"'),
  ]) {
    writeFileSync(path, wrong);
    expect(recall(basis), wrong.slice(0, 80)).toBeUndefined();
  }
  writeFileSync(path, right);
  expect(recall(basis)).toBeDefined();
  rmSync(path);
  writeFileSync(join(state, 'elsewhere'), right);
  symlinkSync(join(state, 'elsewhere'), path);
  expect(recall(basis)).toBeUndefined();
});

it('entries do not grow without end', () => {
  for (let at = 0; at < 300; at++) remember({ ...basis, contract: String(at) }, report);
  expect(readdirSync(folder()).length).toBeLessThanOrEqual(256);
  expect(recall({ ...basis, contract: '299' })).toBeDefined();
});
