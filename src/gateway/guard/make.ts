/**
 * Which guard judges a flow: one for each declared protocol.
 *
 * @module
 */
import type { Protocol } from '../../contract/index.ts';
import { HttpGuard } from '../http/guard.ts';
import { AnyGuard, ChoosingGuard } from './any.ts';
import type { Candidates, Guard } from './guard.ts';
import { PostgresGuard } from './postgres.ts';
import { SshGuard } from './ssh.ts';
import { TlsGuard } from './tls.ts';

const FAMILY: Record<Protocol, 'tls' | 'http' | 'ssh' | 'postgres' | 'any'> = {
  https: 'tls',
  tls: 'tls',
  http: 'http',
  websocket: 'http',
  ssh: 'ssh',
  postgres: 'postgres',
  tcp: 'any',
  udp: 'any',
};

/** The guard for what the contract declares of an address and port. */
export function makeGuard(candidates: Candidates): Guard {
  const families = new Set(candidates.map(({ match }) => FAMILY[match.rule.protocol]));
  const [family = 'any'] = families;
  if (families.size > 1) return new ChoosingGuard(candidates, makeGuard);
  switch (family) {
    case 'tls':
      return new TlsGuard(candidates);
    case 'http':
      return new HttpGuard(candidates);
    case 'ssh':
      return new SshGuard(candidates);
    case 'postgres':
      return new PostgresGuard(candidates);
    case 'any':
      return new AnyGuard(candidates);
  }
}
