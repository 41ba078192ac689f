/**
 * Bitcoin proof of work as Stratum v1 cuts it up: coinbase, merkle root, header, target.
 * Formats: the Stratum v1 protocol description and the block header reference of the Bitcoin developer guide.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** A job as `mining.notify` carries it; all strings are hex. */
export interface Job {
  id: string;
  /** previous block's hash, each 4-byte word byte-swapped, as Stratum sends it */
  previous: string;
  coinbase1: string;
  coinbase2: string;
  branches: string[];
  /** big-endian hex numbers of four bytes */
  version: string;
  bits: string;
  time: string;
}

/** SHA-256 applied twice. */
export function sha256d(data: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(data).digest()).digest();
}

function swapWords(hex: string): Buffer {
  return Buffer.from(hex, 'hex').swap32();
}

/** The 80-byte block header for one choice of extra nonce; the nonce itself (last four bytes) is zero. */
export function headerOf(job: Job, extraNonce1: string, extraNonce2: string, time: string): Buffer {
  const coinbase = Buffer.from(job.coinbase1 + extraNonce1 + extraNonce2 + job.coinbase2, 'hex');
  let root = sha256d(coinbase);
  for (const branch of job.branches) root = sha256d(Buffer.concat([root, Buffer.from(branch, 'hex')]));
  return Buffer.concat([
    swapWords(job.version),
    swapWords(job.previous),
    root,
    swapWords(time),
    swapWords(job.bits),
    Buffer.alloc(4),
  ]);
}

/** The header's hash as the number that is compared with the target. */
export function hashValue(header: Uint8Array): bigint {
  return BigInt(`0x${sha256d(header).reverse().toString('hex')}`);
}

/** Largest hash value that counts at difficulty 1: 0xffff × 2^208. */
const DIFFICULTY_1 = 0xffffn << 208n;

/** Share target for a pool difficulty, which may be a fraction of one. */
export function targetOf(difficulty: number): bigint {
  const scale = 2 ** 32;
  return (DIFFICULTY_1 * BigInt(scale)) / BigInt(Math.max(1, Math.round(difficulty * scale)));
}
