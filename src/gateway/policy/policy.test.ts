/**
 * Names and addresses: spelling, matching, classes.
 *
 * @module
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressFromBytes, canonical, classify, parseAddress } from './addresses.ts';
import { matchesName, normaliseName } from './names.ts';
import { Policy } from './policy.ts';

describe('addresses', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['192.0.2.1', 'public'],
    ['2001:db8::1', 'public'],
    ['172.15.0.1', 'public'],
    ['172.32.0.1', 'public'],
    ['100.128.0.1', 'public'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.0.1', 'private'],
    ['100.64.0.1', 'private'],
    ['198.18.0.1', 'private'],
    ['169.254.0.1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['192.0.0.1', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['fec0::1', 'private'],
    ['fc00::1', 'private'],
    ['fd12::1', 'private'],
    ['fd00:ec2::254', 'metadata'],
    ['ff02::1', 'multicast'],
    ['::ffff:8.8.8.8', 'mapped'],
    ['::ffff:127.0.0.1', 'mapped'],
    ['::127.0.0.1', 'mapped'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['64:ff9b:1::8.8.8.8', 'private'],
    ['2002:0a00:0001::', 'private'],
    ['2002:0808:0808::', 'public'],
    ['2001:0:808:808::80ff:fffe', 'loopback'],
    ['2001:0:7f00:1::f7f7:f7f7', 'loopback'],
    ['2606:4700::5efe:10.0.0.1', 'private'],
    ['100::1', 'reserved'],
    ['4000::1', 'reserved'],
  ])('%s is %s', (text, expected) => {
    const address = parseAddress(text);
    expect(address && classify(address)).toBe(expected);
  });

  test.each([
    '',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '127.0.0.01',
    '1.2.3',
    '1.2.3.4.5',
    'fe80::1%lo',
    '[::1]',
    ':::',
  ])('%j is not an address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('bytes survive their spelling', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(bytes, (raw) => {
        const text = addressFromBytes(raw)?.text as string;
        expect(parseAddress(text)?.bytes).toEqual(raw);
        expect(typeof classify(parseAddress(text) as never)).toBe('string');
      }),
    );
  });

  test('one spelling for each', () => {
    expect(canonical('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(canonical('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(canonical('1:0:0:2:0:0:0:3')).toBe('1:0:0:2::3');
  });
});

describe('names', () => {
  test.each([
    ['API.Example.COM', 'api.example.com'],
    ['api.example.com.', 'api.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['_dmarc.example.com', '_dmarc.example.com'],
  ])('%s → %s', (text, expected) => {
    expect(normaliseName(text)).toBe(expected);
  });

  test.each([
    '',
    '.',
    'a..b',
    'api.example.com..',
    '-a.example',
    'a b.example',
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    `${'a'.repeat(64)}.example`,
    'a\0.example',
    'a/b',
    '[::1]',
  ])('%j is no host name', (text) => {
    expect(normaliseName(text)).toBeUndefined();
  });

  test('patterns', () => {
    expect(matchesName('api.example.com', 'api.example.com')).toBe(true);
    expect(matchesName('api.example.com', 'x.api.example.com')).toBe(false);
    expect(matchesName('*.example.com', 'a.example.com')).toBe(true);
    expect(matchesName('*.example.com', 'a.b.example.com')).toBe(true);
    expect(matchesName('*.example.com', 'example.com')).toBe(false);
    expect(matchesName('*.example.com', 'evilexample.com')).toBe(false);
    expect(matchesName('*.example.com', '.example.com')).toBe(false);
  });

  test('any text normalises to itself or to nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const name = normaliseName(text);
        if (name !== undefined) expect(normaliseName(name)).toBe(name);
      }),
    );
  });
});

test('an address written as a host allows that address, not names that resolve to it', () => {
  const policy = new Policy({
    network: [
      { host: '10.0.0.5', port: 443, protocol: 'https' },
      { host: 'a.example.com', port: 443, protocol: 'https' },
    ],
    resolve: {},
    hosts: {},
  });
  expect(policy.staticPins().map(({ address }) => address.text)).toEqual(['10.0.0.5']);
  const ten = parseAddress('10.0.0.5');
  expect(ten && policy.admit([ten])).toEqual({ admitted: [], dropped: ['10.0.0.5 is private'] });
  expect(policy.rulesFor('10.0.0.5')).toEqual([]);
});

test('addresses that an operator wrote out are those of the operator’s rule, and go with it', () => {
  const wide = { host: '*.example.com', port: 443, protocol: 'https' as const };
  const spent = new Set<number>();
  const policy = new Policy({ network: [wide], resolve: {}, hosts: {} }, (index) => spent.has(index));
  const name = 'inside.example.com';
  const pins = () =>
    policy
      .pinsFor(name, policy.localAddresses(name)?.admitted ?? [])
      .map(({ address, port }) => `${address.text}:${port}`);
  const once = policy.add({ host: name, port: 8443, protocol: 'https' }, ['10.0.0.7'], 1);
  expect(pins()).toEqual(['10.0.0.7:8443']);
  expect(policy.pinsOf(once).map(({ port }) => port)).toEqual([8443]);
  policy.add({ host: name, port: 9443, protocol: 'https' }, ['10.0.0.7'], 2);
  spent.add(1);
  expect(pins()).toEqual(['10.0.0.7:9443']);
  policy.withdraw(2);
  expect(policy.localAddresses(name)).toBeUndefined();
  expect(policy.rulesFor(name)).toHaveLength(1);
});
