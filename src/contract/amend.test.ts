import { describe, expect, it } from 'vitest';
import { amendContract, type WrittenRule } from './amend.ts';
import { parseContract } from './load.ts';
import { ruleLine } from './rule-line.ts';
import type { Contract } from './schema.ts';

function contractOf(text: string): Contract {
  const loaded = parseContract(`ringfence: 1\nname: t\n${text}`, 't.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.contract;
}

const one = contractOf('network: [{ host: api.example.com }]');

describe('a clause that is added', () => {
  it('is the rule that the contract file would hold', () => {
    const amended = amendContract(one, { host: 'Git.Example.com', port: 22, protocol: 'ssh' });
    expect(amended.ok && amended.rule).toEqual({ host: 'git.example.com', port: 22, protocol: 'ssh' });
    expect(amended.ok && ruleLine(amended.rule)).toBe('- { host: git.example.com, port: 22, protocol: ssh }');
    expect(one.network).toHaveLength(1);
  });

  it.each<[string, WrittenRule, RegExp]>([
    [
      'another protocol for a host that is there',
      { host: 'api.example.com', protocol: 'tcp' },
      /contradicts network\[0\]/,
    ],
    ['a port that is none', { host: 'a.example.com', port: 0 }, /port/],
    ['a protocol that is none', { host: 'a.example.com', protocol: 'gopher' }, /protocol/],
    ['a host with a line in it', { host: 'a.example.com }\n- { host: b' }, /not a host name/],
    ['every host there is', { host: '*' }, /not a host name/],
    ['a wildcard in the middle', { host: 'a.*.example.com' }, /not a host name/],
    ['the cell itself', { host: 'localhost' }, /the cell itself/],
    ['a mistyped address', { host: '10.0.0.999' }, /not a valid address/],
    [
      'an address that is no host',
      { host: 'a.example.com', addresses: ['224.0.0.1'] },
      /no address to connect to/,
    ],
    ['addresses for a wildcard', { host: '*.example.org', addresses: ['203.0.113.1'] }, /not one name/],
  ])('is refused: %s', (_, written, message) => {
    const amended = amendContract(one, written);
    expect(amended.ok ? '' : amended.message).toMatch(message);
    expect(amended.ok ? '' : amended.hint).not.toBe('');
  });

  it('does not give a network to a run that has none', () => {
    const amended = amendContract(contractOf(''), { host: 'a.example.com' });
    expect(amended.ok ? '' : amended.message).toContain('without any network');
  });

  it('does not change where a host of the contract leads', () => {
    const written = contractOf(
      'network: [{ host: a.example.com }]\nresolve: { a.example.com: [203.0.113.1] }',
    );
    const amended = amendContract(written, { host: 'a.example.com', port: 80, addresses: ['10.0.0.1'] });
    expect(amended.ok ? '' : amended.message).toContain('has addresses already');
  });
});

it('a hazard that the contract requires to be covered stays covered', () => {
  const index =
    'packages: [{ ecosystem: npm, from: "https://packages.example.com", only: [left-pad@1.3.0] }]';
  const strict = contractOf(`${index}\nnever: { require: [exfiltration] }`);
  expect(amendContract(contractOf(index), { host: 'a.example.com' }).ok).toBe(true);
  expect(amendContract(strict, { host: 'a.example.com' })).toMatchObject({
    ok: false,
    message: expect.stringContaining('exfiltration is required but not covered'),
  });
});
