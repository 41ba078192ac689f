/**
 * Opens the connection outside: the wanted address first, then, where the caller cannot retry itself, the other
 * addresses of the same name, a quarter of a second apart or at once after a failure (RFC 8305).
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import { constants } from 'node:os';

const ATTEMPT_DELAY_MS = 250;
const MAX_ATTEMPTS = 6;
/** One read from the outside, bytes. */
export const READ_SIZE = 256 * 1024;

/** Called with each piece read into the socket's one buffer; `false` stops reading until `socket.resume()`. */
export type OnRead = (chunk: Uint8Array) => boolean;

/** A connected socket that does not read yet: call `start`, once. Or the errno of the first address that failed. */
export type DialResult =
  | { ok: true; socket: Socket; address: string; start: (onRead: OnRead) => void }
  | { ok: false; errno: number; code: string };

export interface Dial {
  result: Promise<DialResult>;
  cancel(): void;
}

type Errno = Record<string, number>;

/** Error code → Linux errno, ECONNREFUSED for what has none. */
export function errnoOf(code: string | undefined): number {
  return (constants.errno as unknown as Errno)[code ?? ''] ?? constants.errno.ECONNREFUSED;
}

/** Dials `addresses` (canonical, the wanted one first) at one port; the first to connect wins. */
export function dial(addresses: readonly string[], port: number, timeoutMs: number): Dial {
  const queue = addresses.slice(0, MAX_ATTEMPTS);
  const open = new Set<Socket>();
  let failure: { errno: number; code: string } | undefined;
  let settled = false;
  let stagger: NodeJS.Timeout | undefined;
  let settle: (result: DialResult) => void = () => {};
  const result = new Promise<DialResult>((resolve) => {
    settle = resolve;
  });

  const finish = (outcome: DialResult) => {
    if (settled) return;
    settled = true;
    clearTimeout(stagger);
    clearTimeout(deadline);
    for (const socket of open) {
      if (!outcome.ok || socket !== outcome.socket) socket.destroy();
    }
    settle(outcome);
  };
  const fail = (code: string) => {
    failure ??= { errno: errnoOf(code), code };
    if (queue.length > 0) next();
    else if (open.size === 0) finish({ ok: false, ...failure });
  };
  const next = () => {
    clearTimeout(stagger);
    const address = queue.shift();
    if (settled || address === undefined) return;
    let onRead: OnRead = () => false;
    const socket = connect({
      host: address,
      port,
      allowHalfOpen: true,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_SIZE),
        callback: (count, buffer) => onRead(buffer.subarray(0, count)),
      },
    });
    open.add(socket);
    socket.pause();
    const onError = (error: NodeJS.ErrnoException) => {
      open.delete(socket);
      if (!settled) fail(error.code ?? 'ECONNREFUSED');
    };
    socket.on('error', onError);
    socket.once('connect', () => {
      const start = (handler: OnRead) => {
        onRead = handler;
        socket.resume();
      };
      finish({ ok: true, socket, address, start });
    });
    if (queue.length > 0) stagger = setTimeout(next, ATTEMPT_DELAY_MS);
  };
  const deadline = setTimeout(
    () => finish({ ok: false, errno: errnoOf('ETIMEDOUT'), code: 'ETIMEDOUT' }),
    timeoutMs,
  );
  next();
  return {
    result,
    cancel: () => finish({ ok: false, errno: errnoOf('ECONNABORTED'), code: 'ECONNABORTED' }),
  };
}
