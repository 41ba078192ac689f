/**
 * The gateway's own GETs to a package index: the same bytes for the same file, whoever asked and whatever for. No
 * cookies, no conditions, nothing kept from one answer to the next request.
 *
 * @module
 */
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Resolve } from '../dns/outward.ts';
import { type Address, classify, parseAddress } from '../policy/addresses.ts';

/** Connections to an index at once. Files come in the order of the list, so many at a time. */
export const PARALLEL = 8;
const MAX_REDIRECTS = 3;
/** Milliseconds without a byte. */
const IDLE_MS = 30_000;
/** Milliseconds for a document as a whole: a list waits for its slowest one. */
export const DOCUMENT_MS = 120_000;
/** Bytes of an answer that is not wanted which are read so that its connection can be used again. */
const DISCARDED = 64 * 1024;

export const ACCEPT = {
  file: '*/*',
  npm: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8',
  pip: 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.2, text/html; q=0.1',
} as const;

export type Fetched =
  | { ok: true; bytes: number; type: string; url: string }
  | { ok: false; why: string /** nothing came at all: trying again may help */; again: boolean };

export interface Wanted {
  url: string;
  accept: string;
  /** bytes */
  most: number;
  /** milliseconds for all of it; absent: as long as bytes come */
  within?: number;
  /** gets each piece and says when there is room for more; it may throw to give up */
  take: (piece: Buffer) => Promise<void> | void;
}

export interface UpstreamOptions {
  /** PEM; `undefined`: those that Node brings */
  ca: string | undefined;
  resolve: Resolve;
  /** the contract's address of the index */
  from: string;
}

export class Upstream {
  readonly #https: HttpsAgent;
  readonly #http: HttpAgent;
  #closed = false;
  readonly #resolve: Resolve;
  readonly #from: string;

  constructor({ ca, resolve, from }: UpstreamOptions) {
    this.#from = from;
    this.#resolve = resolve;
    const lookup: LookupFunction = (host, _options, done) => {
      this.#lookup(host).then(
        (addresses) =>
          done(
            null,
            addresses.map(({ text, family }) => ({ address: text, family })),
          ),
        (error: NodeJS.ErrnoException) => done(error, []),
      );
    };
    const shared = { keepAlive: true, maxSockets: PARALLEL, lookup, autoSelectFamily: true };
    this.#https = new HttpsAgent({ ...shared, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) });
    this.#http = new HttpAgent(shared);
  }

  async #lookup(host: string): Promise<Address[]> {
    const found = await this.#resolve(host);
    if ('why' in found) throw new Error(found.why);
    return found.addresses;
  }

  /** One file or document. */
  async get(wanted: Wanted): Promise<Fetched> {
    let { url } = wanted;
    // closing breaks off what is under way; to try that again would be one more request, after the run
    if (this.#closed) return failed('the run ended');
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.#once({ ...wanted, url });
      if (answer.kind === 'done') return answer.fetched;
      if (redirects === MAX_REDIRECTS) return failed('it redirects more than three times');
      const next = followed(url, answer.location);
      if (next === undefined) return failed('it redirects to where the gateway does not follow');
      url = next;
    }
  }

  #once({ url: address, accept, most, within, take }: Wanted) {
    type Answer = { kind: 'done'; fetched: Fetched } | { kind: 'redirect'; location: string };
    const url = new URL(address);
    const secure = url.protocol === 'https:';
    return new Promise<Answer>((resolve) => {
      const done = (fetched: Fetched) => resolve({ kind: 'done', fetched });
      const literal = literalOf(url);
      // resolved names are judged by their addresses; one written as a host is the contract's own, or public
      if (literal && url.host !== new URL(this.#from).host && classify(literal) !== 'public') {
        done(failed(`${literal.text} is ${classify(literal)}`));
        return;
      }
      const options = {
        method: 'GET',
        host: literal?.text ?? url.hostname,
        port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
        path: `${url.pathname}${url.search}`,
        setDefaultHeaders: false,
        headers: {
          host: url.host,
          'user-agent': 'ringfence',
          accept,
          'accept-encoding': 'identity',
          connection: 'keep-alive',
        },
        timeout: IDLE_MS,
      };
      const request = secure
        ? requestHttps({ ...options, agent: this.#https })
        : requestHttp({ ...options, agent: this.#http });
      let answered = false;
      if (within !== undefined) {
        const late = () => request.destroy(new Error(`it does not end within ${within / 1000} s`));
        const timer = setTimeout(late, within);
        request.on('close', () => clearTimeout(timer));
      }
      request.on('timeout', () => request.destroy(new Error(`nothing came for ${IDLE_MS / 1000} s`)));
      request.on('error', (error) => done({ ok: false, why: wordsOf(error), again: !answered }));
      request.on('response', (response) => {
        answered = true;
        const { statusCode: status = 0, headers } = response;
        if (status >= 300 && status < 400 && headers.location !== undefined) {
          discard(response);
          resolve({ kind: 'redirect', location: headers.location });
          return;
        }
        const encoding = headers['content-encoding'] ?? 'identity';
        if (status !== 200 || encoding !== 'identity') {
          discard(response);
          done(failed(status !== 200 ? `the index answers ${status}` : `it comes encoded (${encoding})`));
          return;
        }
        receive(response, most, take).then(
          (bytes) => done({ ok: true, bytes, type: headers['content-type'] ?? '', url: address }),
          (error: Error) => {
            response.destroy();
            done(failed(error.message));
          },
        );
      });
      request.end();
    });
  }

  close(): void {
    this.#closed = true;
    this.#https.destroy();
    this.#http.destroy();
  }
}

const literalOf = (url: URL): Address | undefined => parseAddress(url.hostname.replace(/^\[|\]$/g, ''));

/** What OpenSSL says of a chain that ends nowhere; Node's words tell how to configure Node, which is not ours to advise. */
const UNKNOWN_AUTHORITY = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Why a connection failed, for the operator. Where several addresses were tried the error itself says nothing. */
function wordsOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const { code = '', message } = (first ?? error) as NodeJS.ErrnoException;
  if (UNKNOWN_AUTHORITY.has(code))
    return 'its certificate is of an authority that is not known here; name it in the contract: ca: FILE';
  return message === '' ? code : message;
}

const failed = (why: string): Extract<Fetched, { ok: false }> => ({ ok: false, why, again: false });

/** To https, or to the same place in the clear where the contract's own address is in the clear. */
function followed(from: string, location: string): string | undefined {
  if (!URL.canParse(location, from)) return undefined;
  const next = new URL(location, from);
  if (next.username !== '' || next.password !== '') return undefined;
  next.hash = '';
  return next.protocol === 'https:' || next.origin === new URL(from).origin ? next.href : undefined;
}

/** Reads what is left of a short answer, so that the next request need not connect anew; ends with a long one. */
function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => {});
  response.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > DISCARDED) response.destroy();
  });
}

async function receive(
  response: IncomingMessage,
  most: number,
  take: (piece: Buffer) => Promise<void> | void,
): Promise<number> {
  const announced = response.headers['content-length'];
  if (announced !== undefined && Number(announced) > most) throw new Error(`it is larger than ${most} bytes`);
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > most) throw new Error(`it is larger than ${most} bytes`);
    await take(piece);
  }
  return bytes;
}
