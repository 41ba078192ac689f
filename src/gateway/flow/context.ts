/**
 * What every flow needs from the gateway, and the few things that flows of all kinds share.
 *
 * @module
 */
import type { EventBody, FlowRegistration, GatewayConfig, Hazard, Owner } from '../../contract/index.ts';
import type { Pins } from '../policy/pins.ts';
import type { Reporter } from '../reporter.ts';
import type { Inspector } from '../tls/inspector.ts';
import type { Budgets } from './budgets.ts';

export interface FlowContext {
  pins: Pins;
  budgets: Budgets;
  reporter: Reporter;
  /** the rules that look inside requests */
  inspector: Inspector;
  timeouts: GatewayConfig['timeouts'];
  /** milliseconds, as of the last sweep: cheap to read for every chunk */
  clock: { now: number };
  /** ends a waiting connect */
  result(flow: number, errno: number): void;
  fail(error: Error): void;
}

/** The part of a registration that says who. */
export function ownerOf({ pid, tid, ppid, exe, argv }: FlowRegistration): Owner {
  return {
    pid,
    ...(tid === undefined ? {} : { tid }),
    ...(ppid === undefined ? {} : { ppid }),
    ...(exe === undefined ? {} : { exe }),
    ...(argv === undefined ? {} : { argv }),
  };
}

/** What a protocol spoken where another was declared points to. */
export function hazardOf(protocol: string): Hazard {
  if (protocol === 'stratum') return 'compute-diversion';
  if (['ssh', 'socks4', 'socks5', 'connect', 'openvpn', 'wireguard', 'rdp', 'vnc'].includes(protocol)) {
    return 'remote-control';
  }
  return 'exfiltration';
}

/** A flow that the gateway refuses although the kernel let it through. */
export function denial(flow: FlowRegistration, why: string): EventBody {
  return {
    kind: 'denial',
    layer: 'gateway',
    owner: ownerOf(flow),
    what: `connect ${flow.address}:${flow.port}/${flow.type}: ${why}`,
    clause: 'network',
    errno: 'ECONNREFUSED',
  };
}
