import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProofs, proofKey } from './index.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ringfence-proofs-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const claim = { artefact: new Uint8Array([1, 2, 3]), specification: 'one', verifier: 'v1' };
const key = proofKey(claim);

describe('a key', () => {
  it('changes with each part, and with where one part ends', () => {
    const others = [
      { ...claim, artefact: new Uint8Array([1, 2]) },
      { ...claim, specification: 'two' },
      { ...claim, verifier: 'v2' },
      { artefact: '', specification: 'onev1', verifier: '' },
      { artefact: 'one', specification: '', verifier: 'v1' },
    ];
    expect(new Set([key, ...others.map(proofKey)]).size).toBe(6);
    expect(proofKey({ ...claim })).toBe(key);
  });
});

describe('the store', () => {
  it('finds what was kept, also later', () => {
    const folder = join(base, 'state', 'proofs');
    const store = openProofs({ folder });
    expect(store.find(key)).toBeUndefined();
    store.keep(key, 'a filter');
    expect(store.find(key)).toBe('state');
    expect(openProofs({ folder }).find(key)).toBe('state');
    expect(openProofs({ folder }).find(proofKey({ ...claim, verifier: 'v2' }))).toBeUndefined();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([key]);
  });

  it('finds what the installation brings, and survives a list that is none', () => {
    const shipped = join(base, 'proofs.json');
    expect(openProofs({ shipped }).find(key)).toBeUndefined();
    writeFileSync(shipped, '{"proofs": 7');
    expect(openProofs({ shipped }).find(key)).toBeUndefined();
    writeFileSync(shipped, JSON.stringify({ verifier: 'v1', proofs: { [key]: 'a filter' } }));
    expect(openProofs({ shipped }).find(key)).toBe('installation');
  });

  it('does not believe what others may have written', () => {
    const folder = join(base, 'proofs');
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, key), '', { mode: 0o600 });
    expect(openProofs({ folder }).find(key)).toBe('state');
    chmodSync(join(folder, key), 0o622);
    expect(openProofs({ folder }).find(key)).toBeUndefined();
    chmodSync(join(folder, key), 0o600);
    chmodSync(folder, 0o777);
    expect(openProofs({ folder }).find(key)).toBeUndefined();
    openProofs({ folder }).keep(proofKey({ ...claim, verifier: 'v2' }), '');
    expect(readdirSync(folder)).toEqual([key]);
  });

  it('follows no link, neither to a proof nor to a folder of them', () => {
    const folder = join(base, 'proofs');
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(base, 'other'), '', { mode: 0o600 });
    symlinkSync(join(base, 'other'), join(folder, key));
    expect(openProofs({ folder }).find(key)).toBeUndefined();
    rmSync(join(folder, key));
    openProofs({ folder }).keep(key, 'a filter');
    symlinkSync(folder, join(base, 'link'));
    expect(openProofs({ folder: join(base, 'link') }).find(key)).toBeUndefined();
  });

  it('asks for nothing but keys, and is silent where it cannot write', () => {
    const folder = join(base, 'file');
    writeFileSync(folder, '');
    openProofs({ folder }).keep(key, 'a filter');
    openProofs({ folder: base }).keep('../escaped', 'a filter');
    expect(existsSync(join(base, '..', 'escaped'))).toBe(false);
    expect(openProofs({ folder: base }).find('../file')).toBeUndefined();
  });
});
