/**
 * Drives a guard without sockets, for its tests.
 *
 * @module
 */
import type { Protocol } from '../../contract/index.ts';
import { canonical } from '../policy/addresses.ts';
import type { Candidate } from '../policy/pins.ts';
import type { Direction } from '../sniff/sniffer.ts';
import type { Candidates, Release } from './guard.ts';
import { makeGuard } from './make.ts';

export function candidates(protocol: Protocol, port: number, ...names: [string, ...string[]]): Candidates {
  const [first, ...others] = names.map(
    (name, index): Candidate => ({
      name: canonical(name) ?? name,
      literal: canonical(name) !== undefined,
      match: { index, clause: `network[${index}]`, transport: 'tcp', rule: { host: name, port, protocol } },
    }),
  );
  return [first as Candidate, ...others];
}

export interface Outcome {
  up: string;
  down: string;
  violation: string | undefined;
  allowed: string | undefined;
}

/** Feeds a conversation; a violation ends it. */
export function run(to: Candidates, conversation: [Direction, Uint8Array][]): Outcome {
  const guard = makeGuard(to);
  const outcome: Outcome = { up: '', down: '', violation: undefined, allowed: undefined };
  let raw = false;
  for (const [direction, bytes] of conversation) {
    const release: Release = raw
      ? { up: direction === 'up' ? [bytes] : [], down: direction === 'down' ? [bytes] : [] }
      : guard.feed(direction, bytes);
    if (release.violation) {
      outcome.violation = release.violation.why;
      break;
    }
    for (const chunk of release.up) outcome.up += Buffer.from(chunk).toString('latin1');
    for (const chunk of release.down) outcome.down += Buffer.from(chunk).toString('latin1');
    if (release.allowed) outcome.allowed = release.allowed.verdict.protocol;
    if (release.raw) raw = true;
  }
  return outcome;
}

export const latin1 = (text: string) => Buffer.from(text, 'latin1');
export const up = (...texts: string[]): [Direction, Uint8Array][] =>
  texts.map((text) => ['up', latin1(text)]);
export const SERVER_HELLO = latin1('\x16\x03\x03\0\x7a\x02\0\0\x76');
