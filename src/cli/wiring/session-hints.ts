/**
 * What a session reads off its plan, and what it says where the set-up fails.
 *
 * @module
 */
import type { Plan } from '../../contract/index.ts';

/** Where the plan lets only some files be executed: which. */
export function executables(plan: Plan): Set<string> | undefined {
  const listed = plan.some(([name, rights]) => name === 'landlock' && rights === 'write,execute');
  if (!listed) return undefined;
  const allowed = plan.filter((operation) => operation[0] === 'allow' && operation[2] === 'execute');
  return new Set(allowed.map((operation) => operation[1] as string));
}

/** What mends a set-up that failed at this stage. */
export function hintFor(stage: string, code: string): string {
  if (stage === 'namespaces' || stage === 'clone-userns' || stage === 'write-map') {
    return 'this machine refuses user namespaces; ringfence doctor says what mends it, `isolation: landlock` is what remains without';
  }
  if (stage === 'mount-overlay')
    return 'the folder for runs cannot be an overlay’s upper layer: set XDG_STATE_HOME to a folder on ext4, xfs, btrfs or tmpfs';
  if (stage === 'mount-attributes' && code === 'EINVAL') {
    return 'this file system cannot be mapped to another user: run as an ordinary user, or put the workspace on ext4, xfs, btrfs or tmpfs';
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'free some disk space';
  return 'nothing ran; see what this machine gives: ringfence doctor';
}
