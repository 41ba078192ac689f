/**
 * Gives an accepted connection one fixed read buffer. `net.Server` cannot: its sockets allocate for every read, which
 * costs an upload a third of its speed and the process hundreds of megabytes of garbage.
 *
 * @module
 */
import { Socket } from 'node:net';
import { type OnRead, READ_SIZE } from './dial.ts';

/** A connection that does not read until `start` is called, once. */
export interface Accepted {
  socket: Socket;
  start(onRead: OnRead): void;
}

/** What `net.Socket` takes and keeps, beyond its published types; child_process hands sockets over the same way. */
interface Handled {
  _handle: object | null;
}
interface Adoption {
  handle: object;
  allowHalfOpen: boolean;
  pauseOnCreate: boolean;
  onread: { buffer: Uint8Array; callback: (count: number, buffer: Uint8Array) => boolean };
}

/** Takes a paused connection over from its server; falls back to ordinary reads if Node keeps its handle elsewhere. */
export function takeOver(accepted: Socket): Accepted {
  const handled = accepted as unknown as Handled;
  const handle = handled._handle;
  if (!handle) return ordinary(accepted);
  let onRead: OnRead = () => false;
  handled._handle = null;
  const adoption: Adoption = {
    handle,
    allowHalfOpen: true,
    pauseOnCreate: true,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_SIZE),
      callback: (count, buffer) => onRead(buffer.subarray(0, count)),
    },
  };
  const socket = new Socket(adoption as object);
  return {
    socket,
    start: (handler) => {
      onRead = handler;
      socket.resume();
    },
  };
}

function ordinary(socket: Socket): Accepted {
  return {
    socket,
    start: (handler) => {
      socket.on('data', (chunk: Buffer) => handler(chunk));
      socket.resume();
    },
  };
}
