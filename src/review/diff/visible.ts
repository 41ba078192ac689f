/**
 * Bytes of a file as text that only prints: controls, invisible and direction-changing characters and bytes that are no
 * UTF-8 are shown as escapes. Tabs stay.
 *
 * @module
 */
import { escapeByte, printable } from '../../contract/index.ts';

const PLAIN = /^[\t\x20-\x7e]*$/;

/** @param line bytes as latin1 */
export function visibleLine(line: string): string {
  if (PLAIN.test(line)) return line;
  const bytes = Buffer.from(line, 'latin1');
  const text = bytes.toString();
  if (!text.includes('\ufffd')) return escaped(text);
  // a byte that is no UTF-8 is shown alone, what is around it as it is
  return line.replace(/[\xc2-\xf4][\x80-\xbf]{1,3}|./gs, (part) => {
    const decoded = Buffer.from(part, 'latin1').toString();
    if (!decoded.includes('\ufffd')) return escaped(decoded);
    return [...part].map((byte) => escapeByte(byte.charCodeAt(0))).join('');
  });
}

const escaped = (text: string): string => text.split('\t').map(printable).join('\t');
