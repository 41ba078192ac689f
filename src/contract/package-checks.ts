/**
 * What the schema cannot say about `packages`: addresses of indexes, named sets, and names that are the gateway's own.
 *
 * @module
 */
import { canonicalAddress } from './addresses.ts';
import { PACKAGE_ADDRESS, PACKAGE_DOMAIN, readNamed } from './packages.ts';
import type { Finding, Path } from './problem.ts';
import type { Contract, PackageRule } from './schema.ts';

function checkFrom({ from }: PackageRule, path: Path): Finding[] {
  const find = (message: string, hint: string): Finding[] => [{ path, message, hint }];
  const url = new URL(from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return find(`${from} is not the address of an index`, 'Write https://HOST/PATH.');
  if (url.username !== '' || url.password !== '')
    return find(
      'an address with a user or a password in it is written down wherever the contract is',
      'Write the address alone; this version asks indexes without credentials.',
    );
  if (url.search !== '' || url.hash !== '')
    return find(`${from} has a query or a fragment`, 'Write the address of the index alone.');
  if (url.hostname === 'localhost' || url.hostname.endsWith('.localhost'))
    return find(
      'localhost is whatever the machine makes of it',
      `Write its address: ${from.replace('localhost', '127.0.0.1')}.`,
    );
  return [];
}

function checkOnly({ ecosystem, only }: PackageRule, path: Path): Finding[] {
  if (typeof only === 'string') {
    if (readNamed(ecosystem, only))
      return [
        {
          path,
          message: `${only} is read as the name of a file`,
          hint: `To name a set, write a list: only: ["${only}"].`,
        },
      ];
    return [];
  }
  if (ecosystem === 'files')
    return [
      {
        path,
        message: 'plain files cannot be named without their digests',
        hint: 'Name a file with SHA256  ADDRESS lines.',
      },
    ];
  return only.flatMap((written, index): Finding[] =>
    readNamed(ecosystem, written)
      ? []
      : [
          {
            path: [...path, index],
            message: `${JSON.stringify(written)} is not one version of a package`,
            hint:
              ecosystem === 'npm'
                ? 'Write name@1.2.3 or @scope/name@1.2.3, without a range.'
                : 'Write name==1.2.3, without a range, extras or a marker.',
          },
        ],
  );
}

/** Names and the address at which the gateway itself answers. */
function checkOwnNames(contract: Contract): Finding[] {
  if (contract.packages.length === 0) return [];
  const own = (host: string) =>
    host === PACKAGE_DOMAIN ||
    host.endsWith(`.${PACKAGE_DOMAIN}`) ||
    canonicalAddress(host) === PACKAGE_ADDRESS;
  return contract.network.flatMap(({ host }, index): Finding[] =>
    own(host)
      ? [
          {
            path: ['network', index, 'host'],
            message: `${host} is where the cell finds its package index`,
            hint: 'Remove the rule: packages needs none.',
          },
        ]
      : [],
  );
}

/** Everything wrong with `packages`. */
export function checkPackages(contract: Contract): Finding[] {
  return [
    ...contract.packages.flatMap((rule, index) => [
      ...checkFrom(rule, ['packages', index, 'from']),
      ...checkOnly(rule, ['packages', index, 'only']),
    ]),
    ...checkOwnNames(contract),
  ];
}
