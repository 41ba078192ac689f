/**
 * Validated contracts, kept in the cache folder: reading a contract costs a start some 30 ms, of which a contract that
 * did not change since needs none. The key is the text, byte for byte, and this very build; the folder is the
 * operator's alone, and nothing inside a cell can see it.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Contract, type Places, readBounded } from '../contract/index.ts';
import type { ValidContract } from './contract-file.ts';
import { ensureFolder, folders } from './folders.ts';
import { VERSION } from './installation.ts';

interface Kept {
  contract: Contract;
  places: [string, { value: { line: number; column: number }; key?: { line: number; column: number } }][];
}

// in one go: a hash that is fed loads Node's streams
const sha256 = (content: Uint8Array | string) => hash('sha256', content);

/**
 * Like `requireContract`, but for a contract that was valid before in this build it loads no parser.
 *
 * @throws ContractError
 */
export async function requireKnownContract(path: string): Promise<ValidContract> {
  const known = knownContract(path);
  if (known.contract) return known.contract;
  const { requireContract } = await import('./contract-file.ts');
  const loaded = requireContract(path);
  known.keep(loaded);
  return loaded;
}

/** A contract that was valid before in this build, or how to keep it when it has been read. */
export function knownContract(path: string): {
  contract?: ValidContract;
  keep: (loaded: ValidContract) => void;
} {
  const bytes = readBounded(path);
  // names of built files hold a hash of what is in them, and so of everything that this one imports
  const build = basename(import.meta.filename);
  if (!bytes.ok || build === 'contract-cache.ts') return { keep: () => {} };
  const digest = sha256(bytes.content);
  const name = `${sha256(`${VERSION}\n${build}\n${digest}`)}.json`;
  const found = readKept(join(folders().cache, 'contracts', name));
  const store = ({ contract, source }: ValidContract) => {
    // what was read a moment later is another text where somebody changed it meanwhile
    if (source.sha256 === digest) keep(name, { contract, places: [...source.positions] });
  };
  if (found === undefined) return { keep: store };
  const text = new TextDecoder().decode(bytes.content);
  const positions: Places = new Map(found.places);
  return {
    contract: { ok: true, contract: found.contract, source: { path, sha256: digest, text, positions } },
    keep: store,
  };
}

function readKept(file: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return undefined; // absent or damaged: the contract itself is read
  }
}

function keep(name: string, kept: Kept): void {
  try {
    const folder = ensureFolder(join(ensureFolder(folders().cache), 'contracts'));
    const temporary = join(folder, `.${name}.${process.pid}`);
    writeFileSync(temporary, JSON.stringify(kept), { mode: 0o600 });
    renameSync(temporary, join(folder, name));
  } catch {
    // a cache that cannot be written costs time, not safety
  }
}
