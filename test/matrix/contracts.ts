/**
 * The contracts of the matrix, as the text an operator would write.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract } from '../../src/contract/index.ts';
import type { ContractName } from './attempt.ts';
import type { Host } from './host.ts';
import { ADDRESSES } from './network.ts';

const EXTRA: Record<ContractName, (host: Host) => string> = {
  plain: () => process.env.RINGFENCE_MATRIX_OPENS ?? '',
  online: () => `network:
  - { host: allowed.example.com, port: ${ADDRESSES.declared.port}, protocol: tcp }
  - { host: tls.example.com, port: ${ADDRESSES.tls.port}, protocol: https }
  - { host: rebind.example.com, port: ${ADDRESSES.rebind.port}, protocol: tcp }
resolve:
  allowed.example.com: [${ADDRESSES.declared.address}]
  tls.example.com: [${ADDRESSES.tls.address}]
`,
  limits: () => 'compute: { cpus: 1, memory: 256MiB, processes: 64, disk: 64MiB, cpu-time: 3s, time: 60s }\n',
  short: () => `compute: { time: 3s }
network: [{ host: allowed.example.com, port: ${ADDRESSES.declared.port}, protocol: tcp }]
resolve: { allowed.example.com: [${ADDRESSES.declared.address}] }
`,
  programs: (host) => `programs: [${host.attempts}]\n`,
};

/**
 * What a contract opens beyond its workspace, as sections that the matrix's plain contract takes over: hosts, variables,
 * limits. Folders and programs can only be narrower than the matrix's own.
 *
 * @throws Error where the contract opens what cannot be taken over: the matrix would tell nothing about that
 */
export function opensOf(contract: Contract): string {
  const { files, isolation, packages, secrets, oversight } = contract;
  const besides = {
    'files.read': files.read.length,
    'files.workspace.mode': files.workspace.mode === 'direct',
    isolation: isolation !== 'process',
    packages: packages.length,
    secrets: Object.keys(secrets).length,
    'oversight.approve': oversight.approve.length,
  };
  for (const [name, opened] of Object.entries(besides))
    if (opened) throw new Error(`the matrix does not know what ${name} opens`);
  const { network, resolve, environment, compute } = contract;
  const limits = Object.fromEntries(
    Object.entries(compute).map(([name, value]) => [
      name,
      typeof value === 'string'
        ? value
        : ['time', 'cpu-time'].includes(name)
          ? `${Math.ceil(value.max / 1000)}s`
          : value.max,
    ]),
  );
  const sections = { network, resolve, environment, compute: limits };
  return Object.entries(sections)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('');
}

/** One contract that opens what any of these does, so that one pass of the matrix speaks for all of them. */
export function widestOf(contracts: readonly [Contract, ...Contract[]]): Contract {
  const [first] = contracts;
  const widest = { ...first.compute };
  for (const { compute } of contracts)
    for (const name of Object.keys(widest) as (keyof typeof widest)[]) {
      const [one, other] = [widest[name], compute[name]];
      if (typeof one === 'object' && typeof other === 'object' && other.max > one.max)
        Object.assign(widest, { [name]: other });
    }
  return {
    ...first,
    compute: widest,
    network: contracts.flatMap(({ network }) => network),
    resolve: Object.assign({}, ...contracts.map(({ resolve }) => resolve)),
    files: { ...first.files, read: contracts.flatMap(({ files }) => files.read) },
    environment: {
      pass: contracts.flatMap(({ environment }) => environment.pass),
      set: Object.assign({}, ...contracts.map(({ environment }) => environment.set)),
    },
  };
}

/** Writes the contract beside the host's state and returns its path. A flow that speaks another protocol, or asks for
 *  another name, is noted rather than ending the run: one run carries many attempts. */
export function writeContract(host: Host, name: ContractName): string {
  const folder = join(host.root, 'contracts');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.yaml`);
  writeFileSync(
    path,
    `ringfence: 1
name: matrix-${name}
files:
  workspace: ${host.workspace}
  read: [${host.outside}/readable]
  hide: [.env, keys]
oversight: { on: { violation: note, finding: { critical: alert } } }
${EXTRA[name](host)}`,
  );
  return path;
}
