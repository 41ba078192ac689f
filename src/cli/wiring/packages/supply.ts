/**
 * Everything that a run with `packages` needs beside a gateway: the indexes, and the contract's copies.
 *
 * @module
 */
import { dirname } from 'node:path';
import { machineAuthorities } from '../../../cell/trust/index.ts';
import type {
  Contract,
  GatewayConfig,
  GatewayMessage,
  GatewayOrder,
  PackageIndex,
} from '../../../contract/index.ts';
import { resolvePackages } from './resolve.ts';
import { CopyStore } from './store.ts';

export interface PackageSupply {
  indexes: readonly PackageIndex[];
  /** entries of the lists that no index gives, each with its reason */
  remarks: readonly string[];
  /** folder with the copies, which the gateway must see */
  folder: string;
  configuration(): Pick<GatewayConfig, 'packages' | 'store'>;
  /** does what a message of the gateway asks; the answer, where it wants one */
  receive(message: GatewayMessage): GatewayOrder | undefined;
  close(): void;
}

export type Prepared =
  | { ok: true; supply: PackageSupply }
  | { ok: false; field: string; problem: string; hint: string };

/** @param path of the contract's file, absolute */
export function preparePackages(contract: Contract, path: string, run: string): Prepared {
  const resolved = resolvePackages(contract, dirname(path));
  if (!resolved.ok) return resolved;
  const { indexes, remarks } = resolved;
  const store = new CopyStore(path, run, indexes);
  const needed = indexes.some(({ from, ca }) => ca === undefined && from.startsWith('https:'));
  return {
    ok: true,
    supply: {
      indexes,
      remarks,
      folder: store.folder,
      configuration: () => ({
        packages: indexes,
        store: { ...store.describe(), authorities: needed ? machineAuthorities(process.env) : '' },
      }),
      receive: (message) => {
        if (message.type !== 'copy' && message.type !== 'copied' && message.type !== 'uncopied')
          return undefined;
        const kept = store.receive(message);
        return kept && { order: 'kept', ...kept };
      },
      close: () => store.close(),
    },
  };
}
