import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadContract } from '../../contract/load.ts';
import { folders } from '../folders.ts';
import { provedLoads } from './loaded.ts';

let state = '';
let before: string | undefined;
beforeEach(() => {
  before = process.env.XDG_STATE_HOME;
  state = realpathSync(mkdtempSync(join(tmpdir(), 'ringfence-loaded-')));
  process.env.XDG_STATE_HOME = state;
});
afterEach(() => {
  if (before === undefined) delete process.env.XDG_STATE_HOME;
  else process.env.XDG_STATE_HOME = before;
  rmSync(state, { recursive: true, force: true });
});

async function loadsIn(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'ringfence.yaml');
  writeFileSync(
    file,
    'ringfence: 1\nname: t\nfiles: { workspace: { path: ".", mode: direct }, write: ["**"] }\n',
  );
  const loaded = loadContract(file);
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  return provedLoads(loaded.contract, file);
}

it('no run works where verdicts are remembered: what it wrote there would be believed', async () => {
  const [row] = await loadsIn(folders().verdicts);
  expect(row?.state).not.toBe('proved');
  expect(row?.text).toContain(`${folders().verdicts} of Ringfence’s own could be seen`);
  const [beside] = await loadsIn(join(state, 'project'));
  expect(beside?.text).not.toContain('of Ringfence’s own');
}, 60_000);
