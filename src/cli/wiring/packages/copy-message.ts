/**
 * The gateway's messages about copies, checked before they are believed: it reads what strangers send, and should one
 * of them ever make it say what they want, no path and no type of their choosing reaches the controller's disk.
 *
 * @module
 */
import type { CopyOf, GatewayMessage } from '../../../contract/index.ts';
import { PACKAGE_FILE } from '../../../contract/package-offers.ts';
import { LONGEST_NAME, parseDigest } from '../../../contract/packages.ts';

export type CopyMessage = Extract<GatewayMessage, { type: 'copy' | 'copied' | 'uncopied' | 'offers' }>;

/** Characters of one message's data; the gateway sends pieces of half a MiB and what comes with the last of them. */
const LONGEST_DATA = 8 * 1024 * 1024;
const LONGEST_FILE = 2048;
const TYPES = new Set(['copy', 'copied', 'uncopied', 'offers']);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest;

/** Whether a message is about copies at all. */
export const isCopyMessage = (message: { type: string }): boolean => TYPES.has(message.type);

/** @throws Error where it is not what a gateway sends */
export function readCopyMessage(message: GatewayMessage): CopyMessage {
  const fields = message as unknown as Record<string, unknown>;
  const copy = fields.copy as number;
  if (fields.type === 'offers' && isCount(fields.index))
    return { type: 'offers', index: fields.index, offers: fields.offers as never };
  if (!isCount(copy)) throw new Error('it names a copy by what is not a number');
  if (fields.type === 'uncopied') return { type: 'uncopied', copy };
  if (fields.type === 'copied' && isText(fields.digest, 200))
    return { type: 'copied', copy, digest: fields.digest };
  if (fields.type === 'copy' && isText(fields.data, LONGEST_DATA)) {
    const of = fields.of === undefined ? {} : { of: readCopyOf(fields.of) };
    return { type: 'copy', copy, data: fields.data, ...of };
  }
  throw new Error('it sends a message of no known shape');
}

function readCopyOf(value: unknown): CopyOf {
  const { index, artefact, file, asked } = (value ?? {}) as Record<string, unknown>;
  if (!isCount(index) || !isCount(artefact) || !isText(file, LONGEST_FILE))
    throw new Error('it does not say what a copy is of');
  if (asked === undefined) return { index, artefact, file };
  const { name, version, digests } = (asked ?? {}) as Record<string, unknown>;
  const isDigest = (digest: unknown) => isText(digest, 200) && parseDigest(digest) !== undefined;
  if (!isText(name, LONGEST_NAME) || !isText(version, 128) || !PACKAGE_FILE.test(file))
    throw new Error('it does not say what a copy is of');
  if (!Array.isArray(digests) || !digests.every(isDigest)) throw new Error('its digests are none');
  return { index, artefact, file, asked: { name, version, digests: digests as string[] } };
}
