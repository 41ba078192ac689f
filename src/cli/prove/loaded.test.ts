import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadContract } from '../../contract/load.ts';
import { folders } from '../folders.ts';
import { planDigest } from '../wiring/plan-digest.ts';
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

it('no run works where verdicts are remembered or statements kept: what it wrote or deleted there would count', async () => {
  for (const own of [folders().verdicts, folders().attestations]) {
    const [row] = await loadsIn(own);
    expect(row?.state).not.toBe('proved');
    expect(row?.text).toContain(`${own} of Ringfence’s own could be seen`);
  }
  const [beside] = await loadsIn(join(state, 'project'));
  expect(beside?.text).not.toContain('of Ringfence’s own');
}, 60_000);

it('a plan has one digest, from wherever it is asked for, until the contract gives something else', () => {
  const folder = join(state, 'project');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'ringfence.yaml');
  const digestOf = (text: string) => {
    writeFileSync(file, text);
    const loaded = loadContract(file);
    if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
    return planDigest(loaded.contract, file);
  };
  const text = 'ringfence: 1\nname: t\n';
  const first = digestOf(text);
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  const [cwd, term] = [process.cwd(), process.env.TERM];
  try {
    process.chdir(state);
    process.env.TERM = 'another';
    expect(digestOf(`${text}# a remark\n`)).toBe(first);
  } finally {
    process.chdir(cwd);
    if (term === undefined) delete process.env.TERM;
    else process.env.TERM = term;
  }
  expect(digestOf(`${text}network: [{ host: registry.example.com, port: 443, protocol: https }]\n`)).not.toBe(
    first,
  );
});
