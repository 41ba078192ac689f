import type { Duplex } from 'node:stream';

export type Step = readonly ['c' | 's', string | number | Uint8Array, number?];
export interface Kind {
  tls?: boolean;
  alpn?: boolean;
  steps(variant: number): Step[];
}
export const KINDS: Readonly<Record<string, Kind>>;
export const VARIANTS: number;
export function portOf(kind: string, variant: number): number;
export function play(socket: Duplex, mine: 'c' | 's', steps: readonly Step[]): Promise<boolean>;
