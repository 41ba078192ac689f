/**
 * What the schema cannot say about the keys of a rule that judge requests.
 *
 * @module
 */
import type { Finding } from './problem.ts';
import type { Contract, NetworkRule } from './schema.ts';

const SPEAK_HTTP: readonly NetworkRule['protocol'][] = ['https', 'http', 'websocket'];
const HEADER = /^[!#$%&'+.^_`|~0-9A-Za-z-]*\*?$/;

/** Fields that the gateway writes itself; listing them would do nothing. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'max-forwards',
  'proxy-authorization',
  'proxy-connection',
]);

function pathProblem(pattern: string): { message: string; hint: string } | undefined {
  const wrong = (message: string, hint: string) => ({ message, hint });
  if (!pattern.startsWith('/')) return wrong('a path begins with /', `Write /${pattern}.`);
  if (/[?#]/.test(pattern))
    return wrong(
      'queries and fragments are not part of a path',
      `Write ${pattern.replace(/[?#].*/s, '')}: any query is then allowed.`,
    );
  if (!/^[\x21-\x7e]*$/.test(pattern))
    return wrong(
      'a path has only visible ASCII characters',
      `Write other characters percent-encoded: ${encodeURI(pattern)}.`,
    );
  if (/[;\\"<>^`{|}]/.test(pattern))
    return wrong(
      'this character is ambiguous in a path and such requests are always refused',
      'Leave it out.',
    );
  if (/%(?![0-9A-Fa-f]{2})|%25[0-9A-Fa-f]{2}|%5[cC]|%3[bB]|%[01][0-9A-Fa-f]|%7[fF]/.test(pattern))
    return wrong(
      'this percent-encoding is malformed or ambiguous, and such requests are always refused',
      'Leave it out.',
    );
  const segments = pattern.slice(1).split('/');
  if (segments.some((segment, index) => segment === '' && index < segments.length - 1))
    return wrong('empty segments (//) are always refused', `Write ${pattern.replace(/\/+/g, '/')}.`);
  if (segments.some((segment) => /^(\.|%2e|%20)+$/i.test(segment)))
    return wrong('dot segments are always refused', 'Write the path that they lead to.');
  if (segments.some((segment) => segment.includes('**') && segment !== '**'))
    return wrong('** stands for whole segments', 'Write * within a segment, or ** alone between slashes.');
  return undefined;
}

function checkRule(rule: NetworkRule, index: number): Finding[] {
  const findings: Finding[] = [];
  const at = (...path: (string | number)[]) => ['network', index, ...path];
  for (const key of ['methods', 'paths', 'headers', 'body'] as const) {
    const value = rule[key];
    if (value === undefined) continue;
    if (!SPEAK_HTTP.includes(rule.protocol))
      findings.push({
        path: at(key),
        at: 'key',
        message: `${key} needs a protocol with requests, and ${rule.protocol} has none`,
        hint: `Write protocol: https, or remove ${key}.`,
      });
    else if (Array.isArray(value) && value.length === 0 && key !== 'headers')
      findings.push({
        path: at(key),
        message: 'an empty list allows no request at all',
        hint: key === 'methods' ? 'Write for example [GET].' : 'Write for example [/v1/**].',
      });
  }
  if (rule.ca !== undefined && rule.protocol !== 'https' && rule.protocol !== 'websocket')
    findings.push({
      path: at('ca'),
      at: 'key',
      message: `ca is for hosts whose TLS is terminated, and ${rule.protocol} is not`,
      hint: 'Write protocol: https, or remove ca.',
    });
  for (const [position, method] of (rule.methods ?? []).entries()) {
    if (method === 'TRACE' || method === 'TRACK' || method === 'CONNECT')
      findings.push({
        path: at('methods', position),
        message: `${method} is never passed on`,
        hint: 'Remove it.',
      });
    else if (rule.protocol === 'websocket' && method !== 'GET')
      findings.push({
        path: at('methods', position),
        message: 'a WebSocket begins with GET',
        hint: 'Write methods: [GET], or leave it out.',
      });
  }
  for (const [position, pattern] of (rule.paths ?? []).entries()) {
    const problem = pathProblem(pattern);
    if (problem) findings.push({ path: at('paths', position), ...problem });
  }
  for (const [position, header] of (rule.headers ?? []).entries()) {
    if (header === '' || !HEADER.test(header))
      findings.push({
        path: at('headers', position),
        message: 'not the name of a header; only a last * stands for any ending',
        hint: 'Write for example accept or x-api-*.',
      });
    else if (OWN_HEADERS.has(header.toLowerCase()))
      findings.push({
        path: at('headers', position),
        message: `${header} is written by the gateway itself`,
        hint: 'Remove it.',
      });
  }
  return findings;
}

/** Everything wrong with `methods`, `paths`, `headers`, `body` and `ca` of the rules. */
export const checkRequests = (contract: Contract): Finding[] => contract.network.flatMap(checkRule);
