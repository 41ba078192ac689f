/**
 * JSON-RPC over TCP, one object per line: the framing of Stratum v1.
 *
 * @module
 */
import type { Socket } from 'node:net';

const LONGEST_LINE = 64 * 1024;

/** Calls `receive` for every line that is a JSON object; ends the connection on anything else. */
export function onJsonLine(socket: Socket, receive: (message: Record<string, unknown>) => void): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    pending += text;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end);
      pending = pending.slice(end + 1);
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        socket.destroy();
        return;
      }
      if (typeof message === 'object' && message !== null) receive(message as Record<string, unknown>);
    }
    if (pending.length > LONGEST_LINE) socket.destroy();
  });
}

export function sendJsonLine(socket: Socket, message: object): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
