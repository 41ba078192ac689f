/**
 * Request headers that some servers take for another method, path or host.
 *
 * @module
 */

/**
 * With these a client tells some servers another method, path or host than the one that was judged. They cross only
 * where the contract lists them.
 */
const OVERRIDES = new Set([
  'forwarded',
  'x-forwarded',
  'x-host',
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-original-method',
  'x-rewrite-url',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-http-destinationurl',
  'x-http-path-override',
  'x-proxy-url',
  'request-uri',
  'base-url',
  'destination',
]);

/** Whether a header, in lower case, is one of them; underscores count as dashes (CGI and its heirs, CVE-2013-2765). */
export function isOverrideHeader(name: string): boolean {
  const dashed = name.replaceAll('_', '-');
  return OVERRIDES.has(dashed) || dashed.startsWith('x-forwarded-');
}
