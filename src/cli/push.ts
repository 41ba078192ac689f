/**
 * Exports to an address: OTLP over HTTP, or a webhook. A receiver that is busy is asked again; what it did not take is an
 * error, never silence.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';

/** Attempts for one piece, and milliseconds before the second; each later wait is twice as long. */
const ATTEMPTS = 5;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const TIMEOUT = 30_000;
/** Answers after which the same piece may be sent again (OTLP/HTTP, "retryable response codes"). */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** Where and how, from options and environment; the environment holds what must not stand in a process list. */
export interface Destination {
  url: URL;
  headers: Record<string, string>;
  /** signs each body */
  key: string | undefined;
}

/**
 * @param environment RINGFENCE_EXPORT_HEADERS (or OTEL_EXPORTER_OTLP_HEADERS): `name=value,name=value`, values percent-encoded;
 *   RINGFENCE_EXPORT_KEY: signs the bodies
 * @throws CommandError for an address or headers that cannot be meant
 */
export function destination(to: string, environment: NodeJS.ProcessEnv): Destination {
  const wrong = (message: string, hint: string) => new CommandError('usage', message, hint, EXIT.usage);
  let url: URL;
  try {
    url = new URL(to);
  } catch {
    throw wrong(`--to ${JSON.stringify(to)} is no address`, 'write --to https://collector.example.com');
  }
  if (!['http:', 'https:'].includes(url.protocol))
    throw wrong(`--to cannot send to ${url.protocol}`, 'write an address that begins with https: or http:');
  if (url.username !== '' || url.password !== '')
    throw wrong(
      '--to holds a password',
      'set RINGFENCE_EXPORT_HEADERS=authorization=…: addresses stand in process lists',
    );
  const headers: Record<string, string> = {};
  const written = environment.RINGFENCE_EXPORT_HEADERS ?? environment.OTEL_EXPORTER_OTLP_HEADERS ?? '';
  for (const pair of written.split(',').filter((one) => one.trim() !== '')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim().toLowerCase();
    if (at < 1 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
      throw wrong(
        'RINGFENCE_EXPORT_HEADERS cannot be read',
        'write name=value,name=value with percent-encoded values',
      );
    try {
      headers[name] = decodeURIComponent(pair.slice(at + 1).trim());
    } catch {
      throw wrong(
        `the value of ${name} in RINGFENCE_EXPORT_HEADERS is not percent-encoded`,
        'write % as %25',
      );
    }
  }
  return { url, headers, key: environment.RINGFENCE_EXPORT_KEY || undefined };
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA-256 over `SECONDS.BODY`, so that a receiver knows who sent it, and when. */
export function signature(key: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex')}`;
}

const TYPES: Readonly<Record<string, string>> = {
  jsonl: 'application/x-ndjson',
  ocsf: 'application/x-ndjson',
  csv: 'text/csv',
  otlp: 'application/json',
  sarif: 'application/sarif+json',
};

/** OTLP has a path for each kind of request below the address of the collector. */
function addressFor(url: URL, format: string, piece: string): URL {
  if (format !== 'otlp') return url;
  const path = piece.startsWith('{"resourceSpans"') ? 'v1/traces' : 'v1/logs';
  return new URL(`${url.pathname.replace(/\/$/, '')}/${path}${url.search}`, url);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the receiver asks for, in milliseconds. */
function waitAfter(response: Response | undefined, attempt: number): number {
  const asked = Number(response?.headers.get('retry-after') ?? Number.NaN) * 1000;
  return Math.min(Number.isFinite(asked) && asked >= 0 ? asked : FIRST_WAIT * 2 ** attempt, LONGEST_WAIT);
}

/**
 * Sends one piece of an export.
 *
 * @throws CommandError `push` where it was not taken
 */
export async function push({ url, headers, key }: Destination, format: string, piece: string): Promise<void> {
  const address = addressFor(url, format, piece);
  for (let attempt = 0; ; attempt++) {
    const seconds = Math.floor(Date.now() / 1000);
    let response: Response | undefined;
    let reason = '';
    try {
      response = await fetch(address, {
        method: 'POST',
        body: piece,
        redirect: 'manual', // what an agent did goes to whom the operator named, and nobody else
        signal: AbortSignal.timeout(TIMEOUT),
        headers: {
          ...headers,
          'content-type': TYPES[format] ?? 'application/json',
          ...(key !== undefined && { 'ringfence-signature': signature(key, piece, seconds) }),
        },
      });
      reason = `it answered ${response.status}`;
      await response.body?.cancel();
      if (response.ok) return;
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
      reason = cause?.code ?? cause?.message ?? message;
    }
    if (attempt + 1 >= ATTEMPTS || (response && !RETRYABLE.has(response.status)))
      throw new CommandError(
        'push',
        `${address.origin} did not take the export: ${reason}, after ${attempt + 1} ${attempt === 0 ? 'attempt' : 'attempts'}`,
        'nothing is lost: the ledger has it all; send it again when the receiver is there',
        EXIT.notTaken,
      );
    await pause(waitAfter(response, attempt));
  }
}
