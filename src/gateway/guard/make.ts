/**
 * Which guard judges a flow: one for each declared protocol.
 *
 * @module
 */
import { type NetworkRule, type Protocol, terminates } from '../../contract/index.ts';
import { HttpGuard } from '../http/guard.ts';
import type { Candidate } from '../policy/pins.ts';
import { AnyGuard, ChoosingGuard } from './any.ts';
import type { Candidates, Guard } from './guard.ts';
import { PostgresGuard } from './postgres.ts';
import { SshGuard } from './ssh.ts';
import { TlsGuard } from './tls.ts';

type Family = 'tls' | 'http' | 'ssh' | 'postgres' | 'any';

const FAMILY: Record<Protocol, Family> = {
  https: 'tls',
  tls: 'tls',
  http: 'http',
  websocket: 'http',
  ssh: 'ssh',
  postgres: 'postgres',
  tcp: 'any',
  udp: 'any',
};

/** What guards need to know beyond the candidates, where rules look inside requests. */
export interface Inspection {
  /** whether the gateway terminates TLS for this name */
  terminates(candidate: Candidate): boolean;
  /** judges plain HTTP requests one by one */
  plain(candidates: Candidates): Guard;
}

const NO_SECRETS = { secrets: {} };

function familyOf(candidate: Candidate, inspection: Inspection | undefined): Family {
  const { rule } = candidate.match;
  if (rule.protocol !== 'websocket') return FAMILY[rule.protocol];
  const overTls = inspection ? inspection.terminates(candidate) : terminates(NO_SECRETS, rule);
  return overTls ? 'tls' : 'http';
}

/** Whether a plain HTTP rule says something about requests. */
export const judgesRequests = ({ methods, paths, headers, body }: NetworkRule): boolean =>
  [methods, paths, headers, body].some((key) => key !== undefined);

/** The guard for what the contract declares of an address and port. */
export function makeGuard(candidates: Candidates, inspection?: Inspection): Guard {
  const families = new Set(candidates.map((candidate) => familyOf(candidate, inspection)));
  const [family = 'any'] = families;
  if (families.size > 1) return new ChoosingGuard(candidates, (chosen) => makeGuard(chosen, inspection));
  switch (family) {
    case 'tls':
      return new TlsGuard(candidates, inspection?.terminates);
    case 'http':
      return inspection && candidates.some(({ match }) => judgesRequests(match.rule))
        ? inspection.plain(candidates)
        : new HttpGuard(candidates);
    case 'ssh':
      return new SshGuard(candidates);
    case 'postgres':
      return new PostgresGuard(candidates);
    case 'any':
      return new AnyGuard(candidates);
  }
}
