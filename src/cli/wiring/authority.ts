/**
 * What a run needs whose gateway looks into TLS: an authority of its own for the cell to believe, and the authorities
 * that upstream is checked against. A run that terminates nothing has none of it.
 *
 * @module
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  certificatesOf,
  javaTrustStore,
  machineAuthorities,
  makeAuthority,
  readAuthorities,
  type TrustFiles,
} from '../../cell/trust/index.ts';
import { expandPath } from '../../cell/view/index.ts';
import {
  type Contract,
  type GatewayConfig,
  readBounded,
  TRUST_VARIABLES,
  terminates,
} from '../../contract/index.ts';

export interface AuthorityInput {
  contract: Contract;
  run: string;
  /** folder that relative paths of the contract start at */
  base: string;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
  /** folder of the run in which the cell's trust files are made */
  folder: string;
}

export type RunAuthority =
  | {
      ok: true;
      /** absent where nothing is terminated */
      inspection?: Required<Pick<GatewayConfig, 'authority' | 'trusted'>> & { files: TrustFiles };
    }
  | { ok: false; field: string; problem: string; hint: string };

/** Makes the authority and writes its certificate, and those that are believed beside it, for the cell to see. */
export function runAuthority({ contract, run, base, home, env, folder }: AuthorityInput): RunAuthority {
  const rules = contract.network.filter((rule) => terminates(contract, rule));
  if (rules.length === 0) return { ok: true };
  const trusted = { machine: machineAuthorities(env), rules: {} as Record<number, string> };
  for (const [index, rule] of contract.network.entries()) {
    if (rule.ca === undefined) continue;
    const read = readAuthorities(expandPath(rule.ca, home, base));
    if (!read.ok) return { ...read, field: `network[${index}].ca` };
    trusted.rules[index] = read.pem;
  }
  const { certificate, key, hash } = makeAuthority({
    run,
    hosts: rules.map(({ host }) => host),
    time: contract.compute.time.max,
  });
  // lists that the contract hands in by their variables: ours take their place and believe the same
  const handedIn = contract.environment.pass
    .filter((name) => TRUST_VARIABLES.includes(name))
    .flatMap((name) => listAt(env[name]));
  const files = {
    bundle: join(folder, 'authorities.pem'),
    authority: join(folder, 'authority.pem'),
    java: join(folder, 'cacerts'),
    hash,
  };
  const bundle = trusted.machine + handedIn.join('') + certificate;
  mkdirSync(folder, { mode: 0o700, recursive: true });
  const certificates = {
    bundle,
    authority: handedIn.join('') + certificate,
    java: javaTrustStore(certificatesOf(bundle)),
  };
  for (const name of ['bundle', 'authority', 'java'] as const) {
    writeFileSync(files[name], certificates[name]);
    // whatever the umask: as root, the cell's user is somebody else
    chmodSync(files[name], 0o644);
  }
  return { ok: true, inspection: { authority: { certificate, key }, trusted, files } };
}

function listAt(path: string | undefined): string[] {
  if (!path?.startsWith('/')) return [];
  const read = readBounded(path);
  return read.ok ? certificatesOf(Buffer.from(read.content).toString('latin1')) : [];
}
