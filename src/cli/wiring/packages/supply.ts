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
import { isCopyMessage } from './copy-message.ts';
import { noticeLines, recordLine } from './notice.ts';
import { resolvePackages } from './resolve.ts';
import { CopyStore } from './store.ts';

export interface PackageSupply {
  indexes: readonly PackageIndex[];
  /** what the operator reads at the start; safe to print */
  notice: readonly string[];
  /** what the record says of each list that was read */
  record: readonly string[];
  /** folder with the copies, which the gateway must see */
  folder: string;
  configuration(): Pick<GatewayConfig, 'packages' | 'store'>;
  /**
   * Does what a message of the gateway asks; the answer, where it wants one.
   *
   * @throws Error where it is none that a gateway sends
   */
  receive(message: GatewayMessage): GatewayOrder | undefined;
  close(): void;
}

export type Prepared =
  | { ok: true; supply: PackageSupply }
  | { ok: false; field: string; problem: string; hint: string };

/**
 * @param path of the contract's file, absolute
 * @param copiesOnly nothing is fetched: what the contract's runs have copied can be had
 */
export function preparePackages(
  contract: Contract,
  path: string,
  run: string,
  { copiesOnly = false } = {},
): Prepared {
  const resolved = resolvePackages(contract, dirname(path));
  if (!resolved.ok) return resolved;
  const { indexes, summaries } = resolved;
  const store = new CopyStore(path, run, indexes);
  const needed = !copiesOnly && indexes.some(({ from, ca }) => ca === undefined && from.startsWith('https:'));
  return {
    ok: true,
    supply: {
      indexes,
      notice: noticeLines(summaries),
      record: summaries.map(recordLine),
      folder: store.folder,
      configuration: () => ({
        packages: indexes,
        store: {
          ...store.describe(),
          authorities: needed ? machineAuthorities(process.env) : '',
          copiesOnly,
        },
      }),
      receive: (message) => {
        if (!isCopyMessage(message)) return undefined;
        if (copiesOnly) throw new Error('it was to fetch nothing');
        const kept = store.receive(message);
        return kept && { order: 'kept', ...kept };
      },
      close: () => store.close(),
    },
  };
}
