/**
 * What a page may run: nothing but texts of ours, named by their hashes, which hold on pages that are opened from a file, too.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** As a policy names a style sheet or script in the page (Content Security Policy Level 3, § 2.3.1). */
export const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The mark of Ringfence: a fence of three posts, as an image that needs no file. */
export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M3 3v11M8 2v12M13 3v11M1 6h14M1 11h14' stroke='%230b8278' stroke-width='1.8' fill='none' stroke-linecap='round'/%3E%3C/svg%3E";
