/**
 * Who gets a message, from what is written where recipients are named. What is not plainly one address stays as it is
 * written: it is compared with what the contract names whole, and so matches nothing that it only resembles.
 *
 * @module
 */
import { addressesIn } from './heard.ts';

const ADDRESS = String.raw`[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}`;
/** `a@example.com`, `<a@example.com>`, `A. Person <a@example.com>` */
const ONE = new RegExp(`^(?:[^<>@]{0,200}<\\s*${ADDRESS}\\s*>|${ADDRESS})$`, 'i');
/** Longest text that recipients are looked for in. */
const LONGEST = 64 * 1024;

/** `A <a@example.com>, b@example.com` → both; a name of a chat's channel stays as it is. */
export function recipientsIn(written: string): string[] {
  return written
    .slice(0, LONGEST)
    .replace(/"[^"@]{0,200}"/g, ' ')
    .split(/[,;\r\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .flatMap((one) => (ONE.test(one) ? [...addressesIn(one)] : [...addressesIn(one), one]));
}

/**
 * Addresses that a message may go to although they are not written where recipients are: in arguments that are neither
 * subject nor text, and in a subject that has lines of its own, as headers do.
 */
export function hiddenRecipients(others: readonly string[], subject: string | undefined): string[] {
  const lines = subject !== undefined && /[\r\n\0]/.test(subject) ? [subject] : [];
  return [...others, ...lines].flatMap((text) => [...addressesIn(text.slice(0, LONGEST))]);
}
