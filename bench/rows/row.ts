/**
 * A row group: what `--only` names, and what it measures.
 *
 * @module
 */
import type { Line } from '../line.ts';
import type { FoundPeer } from '../peers.ts';
import type { Workshop } from '../workshop.ts';

export interface Peers {
  bubblewrap: () => Promise<FoundPeer>;
  npm: () => Promise<{ runtime: FoundPeer; codex: FoundPeer }>;
}

export interface Row {
  id: string;
  measures: string;
  run: (workshop: Workshop, peers: Peers) => Promise<Line[]>;
}
