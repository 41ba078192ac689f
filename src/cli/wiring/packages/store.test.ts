/** The controller's half of copying, told lies by a gateway that is no longer ours. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GatewayMessage, PackageIndex } from '../../../contract/index.ts';
import { offersKey } from '../../../contract/package-offers.ts';
import { copyKey, formatDigest } from '../../../contract/packages.ts';
import { CopyStore } from './store.ts';

const BYTES = Buffer.from('the listed bytes');
const sha512 = (bytes: Buffer): string => formatDigest('sha512', createHash('sha512').update(bytes).digest());
const artefact = { name: 'a', version: '1.0.0', file: 'a-1.0.0.tgz', digests: [sha512(BYTES)] };
const named = { name: 'b', version: '2.0.0', file: 'b-2.0.0.tgz', digests: [] };
const index: PackageIndex = {
  rule: 0,
  ecosystem: 'npm',
  from: 'https://packages.example.com',
  artefacts: [artefact, named],
};

let home: string;
let store: CopyStore;
let before: string | undefined;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ringfence-store-'));
  before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = home;
  store = new CopyStore(join(home, 'contract.yaml'), 'run-1', [index]);
});

afterEach(() => {
  store.close();
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(home, { recursive: true, force: true });
});

const told = (message: unknown) => store.receive(message as GatewayMessage);
const data = (bytes: Buffer) => bytes.toString('base64');
const everything = () => readdirSync(home, { recursive: true }).map(String).sort();

test('a copy with the listed digest is kept, another is not', () => {
  told({ type: 'copy', copy: 1, of: { index: 0, artefact: 0, file: 'a-1.0.0.tgz' }, data: data(BYTES) });
  expect(told({ type: 'copied', copy: 1, digest: sha512(BYTES) })).toEqual({ copy: 1 });
  expect(readdirSync(store.folder)).toEqual([copyKey(index, artefact, 'a-1.0.0.tgz')]);
  const other = Buffer.from('other bytes');
  told({ type: 'copy', copy: 2, of: { index: 0, artefact: 0, file: 'a-1.0.0.tgz' }, data: data(other) });
  expect(told({ type: 'copied', copy: 2, digest: sha512(other) })?.problem).toContain('not the listed one');
  expect(readdirSync(store.folder)).toHaveLength(1);
});

test.each([
  [
    'a path for a number',
    { type: 'copy', copy: '/../../../../escaped', of: { index: 0, artefact: 0, file: 'f' }, data: '' },
  ],
  ['a number that is none', { type: 'copy', copy: -1, of: { index: 0, artefact: 0, file: 'f' }, data: '' }],
  [
    'a property for an index',
    { type: 'copy', copy: 1, of: { index: 'length', artefact: 0, file: 'f' }, data: '' },
  ],
  ['no data', { type: 'copy', copy: 1, of: { index: 0, artefact: 0, file: 'f' }, data: { length: 5 } }],
  ['a list for a digest', { type: 'copied', copy: 1, digest: ['x'] }],
  [
    'a path for a file that was asked for',
    {
      type: 'copy',
      copy: 1,
      of: { index: 0, artefact: 0, file: '../x', asked: { name: 'a', version: '1', digests: [] } },
      data: '',
    },
  ],
  [
    'offers of nothing listed',
    {
      type: 'offers',
      index: 0,
      offers: [{ artefact: 9, file: 'f', url: 'https://a.example.com/f', digests: [] }],
    },
  ],
  [
    'offers of a part',
    {
      type: 'offers',
      index: 0,
      offers: [{ artefact: 0, file: 'f', url: 'https://a.example.com/f', digests: [] }],
    },
  ],
  [
    'offers in the clear elsewhere',
    {
      type: 'offers',
      index: 0,
      offers: [0, 1].map((at) => ({ artefact: at, file: 'f', url: 'http://a.example.com/f', digests: [] })),
    },
  ],
  ['offers that are none', { type: 'offers', index: 0, offers: 'x' }],
])('%s: the gateway is no longer ours, and nothing is written', (_, message) => {
  const was = everything();
  expect(() => told(message)).toThrow();
  expect(everything()).toEqual(was);
});

test('what names no artefact of the contract is not kept', () => {
  const answer = told({ type: 'copy', copy: 1, of: { index: 0, artefact: 7, file: 'f' }, data: data(BYTES) });
  expect(answer?.problem).toContain('no such artefact');
});

test('what the operator allowed lies apart and goes with the run', () => {
  const asked = { name: 'c', version: '3.0.0', digests: [sha512(BYTES)] };
  const of = { index: 0, artefact: 0, file: 'c-3.0.0.tgz', asked };
  told({ type: 'copy', copy: 1, of, data: data(BYTES) });
  expect(told({ type: 'copied', copy: 1, digest: sha512(BYTES) })).toEqual({ copy: 1 });
  expect(readdirSync(store.folder)).toEqual(['.asked-run-1']);
  expect(store.describe().learned).toEqual({});
  store.close();
  expect(readdirSync(store.folder)).toEqual([]);
});

test('what the index told is kept where it tells of all that is listed', () => {
  const offers = [0, 1].map((at) => ({
    artefact: at,
    file: `f-${at}.tgz`,
    url: `https://files.example.com/${at}`,
    digests: [sha512(BYTES)],
  }));
  told({ type: 'offers', index: 0, offers });
  expect(readdirSync(store.folder)).toEqual([offersKey(index)]);
});
