/**
 * The supervisor's protocol. The native supervisor speaks JSON lines to the controller (the `run` command) over one
 * stream socket, and JSON lines to the gateway over another. It obeys plain text lines from both.
 *
 * Strings that come from the cell (paths, argv) are bytes; bytes that are not UTF-8 arrive as lone surrogates
 * U+DC80…U+DCFF (PEP 383), so nothing is lost and JSON stays valid.
 *
 * @module
 */

/** Who did it. `pid` is the thread group on the host, `tid` the thread; `exe` and `argv` as last observed. */
export interface Owner {
  pid: number;
  tid?: number;
  ppid?: number;
  exe?: string;
  argv?: string[];
}

/** Effective state, read back by the supervisor from outside before the program is executed. */
export interface EffectiveState {
  /** namespace name → inode number, each different from the host's */
  namespaces: Record<string, number>;
  /** `read`: the kernel gave the loaded program back, and it is the planned one (root alone may ask) */
  seccomp: { mode: number; filters: number; read?: true };
  capabilities: {
    effective: string;
    permitted: string;
    inheritable: string;
    bounding: string;
    ambient: string;
  };
  noNewPrivs: boolean;
  uid: number[];
  gid: number[];
  uidMap: string;
  /** Landlock ABI used; 0 where the kernel has none */
  landlock: number;
  /** `mountpoint options fstype` of every mount in the view */
  mounts: string[];
  /** interfaces in the network namespace */
  interfaces: string[];
}

/** Supervisor → controller. `t` is CLOCK_REALTIME in microseconds. */
export type SupervisorEvent = { t: number } & (
  | { ev: 'ready'; init: number; effective: EffectiveState; us: number }
  /** set-up failed; nothing ran. `stage` names the operation, `text` says it in a line */
  | { ev: 'fail'; stage: string; errno: number; code: string; text: string }
  /** `traceparent`: TRACEPARENT in the environment that it is given */
  | ({ ev: 'exec'; path: string; cwd: string; traceparent?: string } & Owner)
  | { ev: 'exit'; pid: number; code?: number; signal?: number }
  | ({
      ev: 'file';
      op: 'create' | 'write' | 'rename' | 'unlink' | 'rmdir' | 'mkdir' | 'link' | 'symlink' | 'truncate';
      path: string;
      to?: string;
      flags?: number;
    } & Owner)
  /** every connect(2): where it went. `flow` only when it went to the gateway */
  | ({
      ev: 'connect';
      family: 4 | 6;
      type: 'tcp' | 'udp';
      address: string;
      port: number;
      outcome: 'gateway' | 'local' | 'denied';
      errno: number;
      flow?: number;
    } & Owner)
  /** a system call that the policy refuses was tried */
  | ({ ev: 'deny'; syscall: number; name: string; errno: number; args: string[] } & Owner)
  /** cpu in ms, memory in bytes (sum of PSS or RSS, or the cgroup's), disk in bytes */
  | { ev: 'sample'; cpu: number; memory: number; processes: number; disk: number }
  | { ev: 'probe'; ok: boolean; reached: string[]; changed: string[]; us: number }
  /** something attacked or broke the supervision: foreign socket, lost warden, forged registration … */
  | ({ ev: 'tamper'; what: string } & Partial<Owner>)
  /** events were dropped, or could not be attributed */
  | { ev: 'loss'; sensor: string; reason: string; count: number }
  | { ev: 'frozen'; tasks: number; us: number; ok: boolean }
  | { ev: 'thawed' }
  /** the program stopped itself, as Ctrl-Z asks; the operator's terminal is its shell's again */
  | { ev: 'suspend' }
  /** … and is the program's again */
  | { ev: 'resume' }
  /** one more program is about to be executed in the cell, or ended */
  | { ev: 'session'; session: number; terminal: boolean; command: string[] }
  | { ev: 'session-end'; session: number; code?: number; signal?: number }
  /** a supervised or timed limit ran out; the supervisor acts on its own (kill) */
  | { ev: 'limit'; limit: 'time' | 'cpu-time' | 'memory' | 'disk'; used: number; max: number }
  /** the program ended; all others of the cell are gone when this arrives */
  | { ev: 'done'; code?: number; signal?: number; reason?: string; us: number }
);

/** Controller → supervisor, one per line: `freeze`, `thaw`, `kill REASON`, `signal N`, `probe`, `sample`, and
 *  for the operator's terminal `suspend` (answered by {@link SupervisorEvent} `suspend`), `resume`. */
export type ControllerCommand =
  | 'freeze'
  | 'thaw'
  | 'probe'
  | 'sample'
  | 'suspend'
  | 'resume'
  | `kill ${string}`
  | `signal ${number}`;

/**
 * Supervisor → gateway. A flow is registered before the first byte can arrive, by its source address and port inside
 * the cell. With `wait`, the agent's connect is blocking: the gateway dials first and answers `result ID ERRNO`.
 */
export type FlowRegistration = {
  flow: number;
  family: 4 | 6;
  type: 'tcp' | 'udp';
  source: string;
  sourcePort: number;
  address: string;
  port: number;
  wait: boolean;
} & Owner;

/** Supervisor → gateway: answer to `pin` (n is the number sent), or a withdrawn flow (connect failed or asker died). */
export type SupervisorToGateway = FlowRegistration | { pinned: number } | { gone: number };

/**
 * Gateway → supervisor, one per line. `pin N FAMILY ADDRESS PORT tcp|udp` allows connects to that address and port
 * (answered `{pinned:N}` once in force); `result FLOW ERRNO` ends a waiting connect (0: connect it to the gateway).
 */
export type GatewayCommand =
  | `pin ${number} ${4 | 6} ${string} ${number} ${'tcp' | 'udp'}`
  | `result ${number} ${number}`;

/**
 * How the gateway gets its sockets: the supervisor sends them over the controller's Node IPC channel, one message
 * each `{cmd:"NODE_HANDLE", type:…, msg:{socket:NAME}}`; the controller forwards them to the gateway process.
 * `channel` is the stream socket of {@link SupervisorToGateway} and {@link GatewayCommand}; `dns-*` are bound to
 * 127.0.0.1:53 inside the cell; `tcp4`/`tcp6` are the listeners flows are connected to; `udp4`/`udp6` likewise.
 */
export const GATEWAY_SOCKETS = ['channel', 'dns-udp', 'dns-tcp', 'tcp4', 'tcp6', 'udp4', 'udp6'] as const;
export type GatewaySocket = (typeof GATEWAY_SOCKETS)[number];
