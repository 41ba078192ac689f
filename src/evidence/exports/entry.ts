/**
 * What every export starts from.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { ClaimCoverage } from '../coverage/index.ts';
import type { Claim, Source } from '../load.ts';
import type { Status } from '../status.ts';

export interface Entry {
  readonly claim: Claim;
  readonly status: Status;
  /** absent: nothing is known of it */
  readonly coverage?: ClaimCoverage;
}

/** A base, or the part of it that was asked for. */
export interface Exported {
  readonly entries: readonly Entry[];
  /** those that the claims cite, in the order of their ids */
  readonly sources: readonly Source[];
  /** the day that statuses were derived for, `YYYY-MM-DD` */
  readonly today: string;
  /** where the pages lie, without a slash at the end; absent: links are left out */
  readonly address?: string | undefined;
}

/** The namespace of our ids: a version 5 UUID of the name below the DNS namespace of RFC 9562, §6.6. */
const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const NAMESPACE = uuidOf('evidence.ringfence.example.com', DNS);

/**
 * A version 5 UUID (RFC 9562, §5.5): the same name has the same id in every export, on every machine.
 *
 * @param name what it names: `report/specification-gaming`
 */
export function uuidOf(name: string, namespace = NAMESPACE): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A day, a month or a year as a time: its beginning, UTC. */
export const timeOf = (date: string): string => `${date}${'-01-01'.slice(date.length - 4)}T00:00:00.000Z`;

/** The address of a claim's page, where there are pages. */
export const pageOf = ({ address }: Exported, id: string): string | undefined =>
  address === undefined ? undefined : `${address}/claims/${id}.html`;

/** The days of a claim's first entry and of its last change. */
export function datesOf({ claim, status }: Entry): { created: string; updated: string } {
  const days = claim.history.map(({ on }) => on).sort();
  return { created: days[0] ?? status.updated, updated: status.updated };
}

/** Ids of the techniques on a claim’s escalation path, each once, in order. */
export const techniquesOf = ({ escalation }: Pick<Claim, 'escalation'>): string[] =>
  [...new Set(escalation.flatMap(({ techniques }) => techniques))].sort();
