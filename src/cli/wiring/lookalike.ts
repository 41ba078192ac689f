/**
 * Host names as a person would read them: internationalised ones in their own letters, and what a name may be taken
 * for. A help for the eye, not a decision.
 *
 * @module
 */
import { domainToUnicode } from 'node:url';

/** Letters of other scripts, and digits, that read as a Latin letter (after Unicode TR 39, the commonest of them). */
const READS_AS: Record<string, string> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ј: 'j',
  ѕ: 's',
  ԁ: 'd',
  һ: 'h',
  ӏ: 'l',
  қ: 'k',
  к: 'k',
  м: 'm',
  т: 't',
  в: 'b',
  н: 'h',
  г: 'r',
  ԛ: 'q',
  ԝ: 'w',
  ν: 'v',
  ο: 'o',
  α: 'a',
  ρ: 'p',
  τ: 't',
  κ: 'k',
  ι: 'i',
  υ: 'u',
  ε: 'e',
  ı: 'i',
  ɡ: 'g',
  ɑ: 'a',
  ℓ: 'l',
  '0': 'o',
  '1': 'l',
};

/** Names that others are made to look like most. */
const KNOWN = [
  'github.com',
  'api.github.com',
  'gitlab.com',
  'google.com',
  'googleapis.com',
  'apple.com',
  'microsoft.com',
  'amazon.com',
  'amazonaws.com',
  'npmjs.org',
  'nodejs.org',
  'pypi.org',
  'pythonhosted.org',
  'crates.io',
  'docker.io',
  'openai.com',
  'api.openai.com',
  'anthropic.com',
  'api.anthropic.com',
  'paypal.com',
  'huggingface.co',
  'debian.org',
  'ubuntu.com',
];

/** How an A-label name (`xn--…`) is displayed; `undefined` where it is what it looks like. */
export function shownName(host: string): string | undefined {
  if (!/(^|\.)xn--/i.test(host)) return undefined;
  const shown = domainToUnicode(host);
  return shown === '' || shown === host ? undefined : shown;
}

/** What a name reads as: accents dropped, letters of other scripts and look-alike digits replaced. */
function skeleton(host: string): string {
  const shown = (shownName(host) ?? host).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return [...shown]
    .map((letter) => READS_AS[letter] ?? letter)
    .join('')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w');
}

/** At most one letter added, left out, changed, or two neighbours swapped. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

/**
 * The name that a host could be taken for: one of the contract's, or a well-known one, that it reads like but is not,
 * nor lies below.
 *
 * @example
 * lookalike('api.githuh.com', []) === 'api.github.com'
 */
export function lookalike(host: string, contractHosts: readonly string[]): string | undefined {
  const own = contractHosts.filter((known) => !known.startsWith('*.') && !/^[\d.]+$|:/.test(known));
  const read = skeleton(host);
  const others = [...own, ...KNOWN].filter((known) => known !== host);
  if ([...own, ...KNOWN].some((known) => known === host || host.endsWith(`.${known}`))) return undefined;
  return (
    others.find((known) => skeleton(known) === read) ??
    others.find((known) => known.length >= 8 && isNear(skeleton(known), read)) ??
    others.find((known) => host.startsWith(`${known}.`))
  );
}
