/**
 * What this machine is and gives: looked up, or really tried by the launcher. No judgement; that is the report's.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { z } from 'zod';
import { type CgroupSupport, detectCgroups } from '../cgroups/index.ts';

const attempt = z.object({ ok: z.boolean(), errno: z.number() });

/** What the launcher tried, one by one, in processes of its own (`ringfence-cell doctor`). */
const attempts = z.object({
  /** highest Landlock ABI version, 0 where there is none */
  landlock: z.number(),
  /** a user namespace; with all others but the network; the network; a private tmpfs mount; an overlay; a fresh /proc */
  userns: attempt,
  namespaces: attempt,
  netns: attempt,
  mount: attempt,
  overlay: attempt,
  proc: attempt,
  /** a seccomp filter with user notification */
  seccomp: attempt,
  /** pidfd_open of a thread, Linux ≥ 6.9; duplicate of another process's descriptor, ≥ 5.6 */
  pidfdThread: attempt,
  pidfdGetfd: attempt,
});
export type Attempt = z.infer<typeof attempt>;
export type Attempts = z.infer<typeof attempts>;

export type Container = 'docker' | 'podman' | 'kubernetes' | 'lxc' | 'other';

export interface MachineFacts {
  platform: string;
  /** kernel release, such as 6.18.0-1-amd64 */
  kernel: string;
  uid: number;
  launcher: { path: string } & ({ ok: true; attempts: Attempts } | { ok: false; problem: string });
  sysctl: {
    /** kernel.apparmor_restrict_unprivileged_userns (Ubuntu ≥ 23.10) */
    apparmorRestrictsUserns?: number;
    /** kernel.unprivileged_userns_clone (Debian's and Arch's own) */
    unprivilegedUsernsClone?: number;
    /** user.max_user_namespaces */
    maxUserNamespaces?: number;
  };
  /** active Linux security modules, undefined where the list cannot be read */
  securityModules?: string[];
  container?: Container;
  wsl?: 1 | 2;
  systemd: boolean;
  cgroups: CgroupSupport;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readNumber(path: string): number | undefined {
  const text = readText(path);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function detectContainer(env: NodeJS.ProcessEnv): Container | undefined {
  if (env.KUBERNETES_SERVICE_HOST) return 'kubernetes';
  if (existsSync('/run/.containerenv')) return 'podman';
  if (existsSync('/.dockerenv')) return 'docker';
  if (env.container === 'lxc') return 'lxc';
  return env.container ? 'other' : undefined;
}

function detectWsl(kernel: string): 1 | 2 | undefined {
  if (!/microsoft/i.test(kernel)) return undefined;
  return /wsl2|microsoft-standard/i.test(kernel) ? 2 : 1;
}

/** Let the launcher try. Bounded: half a second is usual, ten are too many. */
function tryLayers(path: string): MachineFacts['launcher'] {
  const { status, signal, stdout, stderr, error } = spawnSync(path, ['doctor'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (error) return { path, ok: false, problem: error.message };
  if (status !== 0) return { path, ok: false, problem: stderr.trim() || `it ended with ${status ?? signal}` };
  try {
    const parsed = attempts.safeParse(JSON.parse(stdout));
    if (parsed.success) return { path, ok: true, attempts: parsed.data };
    return { path, ok: false, problem: `its answer lacks ${parsed.error.issues[0]?.path.join('.')}` };
  } catch {
    return { path, ok: false, problem: 'its answer is not JSON' };
  }
}

/** Gather the facts; `launcher` is the path of the native binary. */
export function gatherFacts({ launcher }: { launcher: string }): MachineFacts {
  const kernel = release();
  const apparmorRestrictsUserns = readNumber('/proc/sys/kernel/apparmor_restrict_unprivileged_userns');
  const unprivilegedUsernsClone = readNumber('/proc/sys/kernel/unprivileged_userns_clone');
  const maxUserNamespaces = readNumber('/proc/sys/user/max_user_namespaces');
  const securityModules = readText('/sys/kernel/security/lsm')?.split(',');
  const container = detectContainer(process.env);
  const wsl = detectWsl(kernel);
  return {
    platform: process.platform,
    kernel,
    uid: process.getuid?.() ?? -1,
    launcher: tryLayers(launcher),
    sysctl: {
      ...(apparmorRestrictsUserns === undefined ? {} : { apparmorRestrictsUserns }),
      ...(unprivilegedUsernsClone === undefined ? {} : { unprivilegedUsernsClone }),
      ...(maxUserNamespaces === undefined ? {} : { maxUserNamespaces }),
    },
    ...(securityModules ? { securityModules } : {}),
    ...(container ? { container } : {}),
    ...(wsl ? { wsl } : {}),
    systemd: existsSync('/run/systemd/system'),
    cgroups: detectCgroups(),
  };
}
