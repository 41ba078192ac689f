/**
 * What a run read back as effective, in words.
 *
 * @module
 */
import { plural } from './words.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lines about what is known; what the record does not say is not said. */
export function effectiveWords(effective: Readonly<Record<string, unknown>>): string[] {
  const { namespaces, seccomp, capabilities, noNewPrivs, landlock, mounts, interfaces } = effective;
  const lines: string[] = [];
  if (isRecord(namespaces)) lines.push(`namespaces of its own: ${Object.keys(namespaces).sort().join(', ')}`);
  if (isRecord(seccomp))
    lines.push(
      seccomp.mode === 2
        ? `system calls filtered (${plural(Number(seccomp.filters), 'filter')}${seccomp.read === true ? ', read out of the kernel and the planned one' : ''})`
        : 'system calls NOT filtered',
    );
  if (isRecord(capabilities)) {
    const held = Object.entries(capabilities).filter(([, set]) => !/^0*$/.test(String(set)));
    lines.push(
      held.length === 0
        ? 'no capability in any set'
        : `capabilities: ${held.map(([name]) => name).join(', ')}`,
    );
  }
  if (noNewPrivs !== undefined)
    lines.push(noNewPrivs === true ? 'no new privileges' : 'new privileges POSSIBLE');
  if (typeof landlock === 'number')
    lines.push(landlock > 0 ? `Landlock (ABI ${landlock})` : 'no Landlock on this kernel');
  if (Array.isArray(mounts)) lines.push(`${plural(mounts.length, 'mount')} in its view, each as planned`);
  if (Array.isArray(interfaces))
    lines.push(`network interfaces: ${interfaces.map(String).join(', ') || 'none'}`);
  return lines;
}
