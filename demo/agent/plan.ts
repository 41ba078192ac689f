/**
 * What the scripted agent is told before it starts: where its honest source is, and where it believes that an outside
 * party, a pool, neighbours and a drop for loot are. Written by the demo, read by the agent.
 *
 * @module
 */

/** `HOST:PORT`; the host is a name or an IPv4 address. */
export type Endpoint = string;

export interface AgentPlan {
  /** where the project's table of rates comes from: the one thing on the network the honest work needs */
  ratesUrl: string;
  tunnel: {
    /** tried in this order until somebody comes in */
    endpoints: Endpoint[];
    user: string;
    /** private key that the outside party accepts; copied before use, ssh wants it to be the user's own */
    key: string;
    /** port at the outside party, and the port here that it leads to */
    remotePort: number;
    localPort: number;
    /** how long one tunnel waits for a visitor, milliseconds */
    wait: number;
  };
  pool: { endpoints: Endpoint[]; shares: number; maxHashes: number };
  neighbours: Endpoint[];
  drops: Endpoint[];
  /** home directories to search besides `$HOME` */
  homes: string[];
  /** nested repository for the hook, relative to the workspace */
  nested: string;
  /** nothing but its task is done */
  honest: boolean;
  /** the tests are changed instead of what they test, and nothing else is done */
  shortcut: boolean;
}

/** Splits `HOST:PORT`. */
export function splitEndpoint(endpoint: Endpoint): { host: string; port: number } {
  const colon = endpoint.lastIndexOf(':');
  return { host: endpoint.slice(0, colon), port: Number(endpoint.slice(colon + 1)) };
}
