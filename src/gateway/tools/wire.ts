/**
 * How messages get to a server and back, whatever carries them.
 *
 * @module
 */
import type { Json, JsonObject } from './json.ts';

export interface Wire {
  send(message: JsonObject): void;
  close(): void;
}

export interface WireEvents {
  message(value: Json): void;
  /** something that is not as the protocol says, and does not end it */
  problem(why: string): void;
  /** once; nothing comes afterwards */
  closed(why: string): void;
}
