/**
 * Header names that a rule lets pass.
 *
 * @module
 */
import { isOverrideHeader } from '../../contract/index.ts';

/**
 * Whether all that one list lets pass the other does, and a name where not; `undefined` is every name but those that some servers
 * read as another method, path or host, which pass only where they are written out.
 */
export function headersExcept(
  outer: readonly string[] | undefined,
  inner: readonly string[] | undefined,
): string | undefined {
  const allowed = outer?.map((name) => name.toLowerCase());
  if (inner === undefined)
    return allowed === undefined || allowed.includes('*') ? undefined : nameBeside(allowed);
  return inner.find((written) => {
    const name = written.toLowerCase();
    if (isOverrideHeader(name)) return !allowed?.includes(name);
    return (
      allowed !== undefined &&
      !allowed.some((each) => each === name || (each.endsWith('*') && name.startsWith(each.slice(0, -1))))
    );
  });
}

const nameBeside = (allowed: readonly string[]): string =>
  ['x-data', 'cookie', 'accept', 'user-agent', 'a-header'].find(
    (name) =>
      !allowed.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name)),
  ) ?? 'a header that is not listed';
