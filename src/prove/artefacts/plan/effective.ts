/**
 * Which promise fails where the effective state is not the planned one, in the words of the launcher's read-back and probes.
 *
 * @module
 */
import { PROMISES, type Promised } from './types.ts';

/** What only the running system can keep. */
const PRIVILEGES = 'the program has no privilege, and can gain none';
const RUNNING = 'what is outside of the cell stays out of its reach';

const SAID: readonly (readonly [pattern: RegExp, promise: Promised | typeof PRIVILEGES])[] = [
  [/^(capabilities|no_new_privs|groups)\b/, PRIVILEGES],
  [/^mount .* lacks (nosuid|nodev|noexec)/, 'flags'],
  [/^mount .* (is writable|lacks ro)/, 'write'],
  [/^mount .* is (not in the plan|missing)|^the mounts /, 'own'],
  [/^seccomp\b/, 'filter'],
  [/^limit\b/, 'limits'],
  [/^(namespace |uid map|[UG]id is)/, 'namespaces'],
  [/network/, 'network'],
];

const PROBES: Readonly<Record<string, Promised | typeof PRIVILEGES>> = {
  'host-file': 'read',
  'host-loopback': 'network',
  route: 'network',
  'udp-route': 'network',
  'unix-socket': 'network',
  'system-write': 'write',
  'root-write': 'write',
  'proc-sys-write': 'write',
  'outside-mode': 'write',
  landlock: 'landlock',
  hidden: 'hidden',
  filter: 'filter',
  io_uring: 'filter',
  bpf: 'filter',
  keyring: 'filter',
  vsock: 'filter',
  'raw-socket': 'filter',
  'packet-socket': 'filter',
  'user-namespace': 'filter',
  mount: PRIVILEGES,
  'change-uid': PRIVILEGES,
  device: PRIVILEGES,
};

/**
 * The promise that fails, in its own words.
 *
 * @param changed differences that the read-back names
 * @param reached probes that reached something
 */
export function brokenPromise(changed: readonly string[], reached: readonly string[]): string {
  const found =
    SAID.find(([pattern]) => changed.some((text) => pattern.test(text)))?.[1] ??
    reached.map((name) => PROBES[name]).find((promise) => promise !== undefined);
  if (found === undefined) return RUNNING;
  return found === PRIVILEGES ? found : PROMISES[found];
}

/** Stages of the set-up (`native/*.c`), and what each of them is to bring about. */
const STAGES: readonly (readonly [stage: RegExp, promise: Promised | typeof PRIVILEGES])[] = [
  [/^(network|loopback|open-sysctl$|write-sysctl$)/, 'network'],
  [/^(landlock|scope-|domain)/, 'landlock'],
  [/^seccomp/, 'filter'],
  [/^(mask|stat-mask)/, 'hidden'],
  [/^(limit|affinity|cgroup)$/, 'limits'],
  [/^(drop-|no-new-privs$|groups$)/, PRIVILEGES],
  [
    /^(namespaces|clone-userns|open-map|write-map|id-map|enter-userns|cgroup-namespace|set-[ug]id)$/,
    'namespaces',
  ],
  [/^(open-source|clone-mount|attach-mount|mount-|make-|open-target$|pivot-)/, 'own'],
];

/** The promise that cannot be kept where a stage of the set-up fails; `undefined`: the stage is a means to all of them. */
export function unkeptPromise(stage: string): string | undefined {
  const found = STAGES.find(([pattern]) => pattern.test(stage))?.[1];
  return found === undefined || found === PRIVILEGES ? found : PROMISES[found];
}
