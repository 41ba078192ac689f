/**
 * What becomes of a server's answer: its head judged and written anew, its body in a framing of our own.
 *
 * @module
 */
import { BodyReader, type BodyResult } from './body.ts';
import type { Exchange } from './exchange.ts';
import type { Framing, ResponseHead } from './head.ts';
import { StreamMask } from './mask.ts';
import type { HostSecrets } from './secrets.ts';
import { pushEnd, pushPiece, writeResponseHead } from './write.ts';

/** Why an answer cannot be passed on, if so. */
export function whyRefused({ status, framing, fields }: ResponseHead, secrets: boolean): string | undefined {
  const coding = fields.get('transfer-encoding')?.join().toLowerCase();
  if (coding !== undefined && coding !== 'chunked') return 'it has a transfer coding that nobody asked for';
  if (!secrets) return undefined;
  // of a part nobody can say whether it is the half of a secret
  if (status === 206) return 'it is a part although the whole was asked for';
  const content = (fields.get('content-encoding') ?? []).join().toLowerCase();
  if (framing.kind !== 'none' && content !== '' && content !== 'identity')
    return 'it is compressed although a secret must be masked in it';
  return undefined;
}

const isEmpty = (framing: Framing): boolean =>
  framing.kind === 'none' || (framing.kind === 'length' && framing.length === 0);

/**
 * How an answer goes on to the agent: chunked where its length is not known, or would tell that of a secret; HTTP/1.0
 * knows no chunks, there it lasts until the connection ends.
 */
function outgoing(framing: Framing, minor: 0 | 1, secrets: boolean): Framing {
  if (isEmpty(framing) || (framing.kind !== 'chunked' && !secrets)) return framing;
  return minor === 1 ? { kind: 'chunked' } : { kind: 'close' };
}

/** A final answer on its way to the agent. */
export class Answer {
  readonly #exchange: Exchange;
  readonly #reader: BodyReader | undefined;
  readonly #mask: StreamMask | undefined;
  readonly #chunked: boolean;
  /** its body lasts until the server ends the connection */
  readonly untilEnd: boolean;
  #into: Uint8Array[] = [];

  /** Writes its head. `close`: the connection ends with it. */
  constructor(
    head: ResponseHead,
    about: { exchange: Exchange; secrets: HostSecrets | undefined; close: boolean },
    into: Uint8Array[],
  ) {
    const { exchange, secrets, close } = about;
    const { framing, status, fields } = head;
    this.#exchange = exchange;
    this.untilEnd = framing.kind === 'close';
    const sent = outgoing(framing, exchange.minor, secrets !== undefined);
    this.#chunked = sent.kind === 'chunked';
    const bodiless = framing.kind === 'none';
    const length = bodiless && status !== 204 && !secrets ? fields.get('content-length')?.[0] : undefined;
    const body = !isEmpty(framing) || (bodiless && status !== 204);
    const how = { framing: sent, close, body, secrets, ...(length === undefined ? {} : { length }) };
    into.push(writeResponseHead(head, how));
    if (isEmpty(framing)) return;
    this.#mask = secrets && new StreamMask(secrets.forms);
    this.#reader = new BodyReader(framing, true, (piece) => this.#content(piece));
  }

  /** No body follows. */
  get whole(): boolean {
    return this.#reader === undefined;
  }

  #content(piece: Uint8Array): void {
    this.#exchange.received += piece.length;
    if (this.#mask) {
      this.#masked(this.#mask.feed(piece));
      return;
    }
    this.#exchange.content.answered(piece);
    pushPiece(this.#into, piece, this.#chunked);
  }

  #masked(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#exchange.content.answered(piece);
    pushPieces(this.#into, pieces, this.#chunked);
  }

  /** Body bytes of the server's; ends it when it is whole. */
  feed(bytes: Uint8Array, into: Uint8Array[]): BodyResult {
    this.#into = into;
    const result = this.#reader?.feed(bytes) ?? { ok: true, used: 0, done: true };
    if (result.ok && result.done) this.end(into);
    return result;
  }

  /** The server has ended a body that lasts until then. */
  end(into: Uint8Array[]): void {
    if (this.#mask) this.#masked(this.#mask.end());
    pushEnd(into, this.#chunked);
  }
}

/** Several pieces as one chunk. */
function pushPieces(into: Uint8Array[], pieces: readonly Uint8Array[], chunked: boolean): void {
  const [first, ...others] = pieces;
  if (first) pushPiece(into, others.length === 0 ? first : Buffer.concat(pieces), chunked);
}
