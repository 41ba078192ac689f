/**
 * Moves bytes between two sockets with back-pressure: a source is read again only when what it gave has been handed
 * to the kernel, so one buffer per flow is enough. {@link Splice} is where a native mover could take over.
 *
 * @module
 */
import type { Socket } from 'node:net';

/**
 * Takes over two connected sockets once nothing more is judged: moves bytes both ways, half-closes and resets
 * included, counts them through `spend`, and says when both are closed.
 */
export type Splice = (
  agent: Socket,
  server: Socket,
  spend: (direction: 'up' | 'down', bytes: number) => boolean,
) => Promise<'closed' | 'reset by the agent' | 'reset by the server'>;

const EMPTY = Buffer.alloc(0);

/**
 * Writes chunks to `target`; `true` when the kernel took them all. Otherwise `source` is paused, and resumed once it
 * has: until then the chunks' memory must not change.
 */
export function forward(target: Socket, chunks: readonly Uint8Array[], source: Socket): boolean {
  for (const chunk of chunks) target.write(chunk);
  if (target.writableLength === 0) return true;
  source.pause();
  target.write(EMPTY, () => {
    if (!source.destroyed) source.resume();
  });
  return false;
}

/** Written and not yet taken by the kernel: from here on the source waits. Unit: bytes. */
const HIGH_WATER = 512 * 1024;

/**
 * As {@link forward}, for chunks whose memory is never used again, such as decrypted ones: the source goes on while a
 * bounded amount waits.
 */
export function forwardOwned(target: Socket, chunks: readonly Uint8Array[], source: Socket): boolean {
  if (chunks.length > 1) target.cork();
  for (const chunk of chunks) target.write(chunk);
  if (chunks.length > 1) target.uncork();
  if (target.writableLength <= HIGH_WATER || source.isPaused()) return true;
  source.pause();
  target.write(EMPTY, () => {
    if (!source.destroyed) source.resume();
  });
  return false;
}

/** Ends a connection with RST, also while it is still being made. */
export function reset(socket: Socket | undefined): void {
  if (!socket || socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
