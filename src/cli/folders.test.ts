import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureFolder, folders, runtimeFolder, UnsafeFolderError } from './folders.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'ringfence-folders-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

describe('folders', () => {
  it('follow the XDG variables', () => {
    expect(folders({ HOME: '/home/u', XDG_STATE_HOME: '/state', XDG_CACHE_HOME: '/cache' })).toEqual({
      runs: '/state/ringfence/runs',
      keys: '/state/ringfence/keys',
      proofs: '/state/ringfence/proofs',
      verdicts: '/state/ringfence/verdicts',
      campaigns: '/state/ringfence/campaigns',
      attestations: '/state/ringfence/attestations',
      cache: '/cache/ringfence',
    });
  });

  it('have the defaults of the specification, also for relative values', () => {
    const expected = {
      runs: '/home/u/.local/state/ringfence/runs',
      keys: '/home/u/.local/state/ringfence/keys',
      proofs: '/home/u/.local/state/ringfence/proofs',
      verdicts: '/home/u/.local/state/ringfence/verdicts',
      campaigns: '/home/u/.local/state/ringfence/campaigns',
      attestations: '/home/u/.local/state/ringfence/attestations',
      cache: '/home/u/.cache/ringfence',
    };
    expect(folders({ HOME: '/home/u' })).toEqual(expected);
    expect(folders({ HOME: '/home/u', XDG_STATE_HOME: 'state', XDG_CACHE_HOME: '' })).toEqual(expected);
  });
});

describe('ensureFolder', () => {
  it('makes private folders all the way', () => {
    ensureFolder(join(place, 'a', 'b'));
    expect(statSync(join(place, 'a')).mode & 0o777).toBe(0o700);
    expect(statSync(join(place, 'a', 'b')).mode & 0o777).toBe(0o700);
  });

  it('refuses a link and a folder that others can write', () => {
    mkdirSync(join(place, 'open'));
    chmodSync(join(place, 'open'), 0o777);
    symlinkSync(join(place, 'open'), join(place, 'link'));
    expect(() => ensureFolder(join(place, 'open'))).toThrow(UnsafeFolderError);
    expect(() => ensureFolder(join(place, 'link'))).toThrow(UnsafeFolderError);
  });
});

describe('runtimeFolder', () => {
  it('is in XDG_RUNTIME_DIR where that is private', () => {
    chmodSync(place, 0o700);
    expect(runtimeFolder({ XDG_RUNTIME_DIR: place })).toBe(join(place, 'ringfence'));
  });

  it('falls back where XDG_RUNTIME_DIR is open to others or absent', () => {
    chmodSync(place, 0o755);
    const fallback = join(tmpdir(), `ringfence-${process.getuid?.()}`);
    expect(runtimeFolder({ XDG_RUNTIME_DIR: place })).toBe(fallback);
    expect(runtimeFolder({ XDG_RUNTIME_DIR: join(place, 'absent') })).toBe(fallback);
    const long = join(place, 'x'.repeat(80));
    mkdirSync(long, { mode: 0o700 });
    expect(runtimeFolder({ XDG_RUNTIME_DIR: long })).toBe(fallback);
    expect(runtimeFolder({})).toBe(fallback);
    expect(statSync(fallback).mode & 0o077).toBe(0);
  });
});
