/**
 * Bytes of a file as text that only prints: controls, invisible and direction-changing characters and bytes that are no
 * UTF-8 are shown as escapes. Tabs stay.
 *
 * @module
 */
// variation selectors, fillers and their like print as nothing, and can carry a program (Default_Ignorable_Code_Point)
const UNSAFE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\u2800]/gu;
const PLAIN = /^[\t\x20-\x7e]*$/;

/** @param line bytes as latin1 */
export function visibleLine(line: string): string {
  if (PLAIN.test(line)) return line;
  const bytes = Buffer.from(line, 'latin1');
  const text = bytes.toString();
  if (!text.includes('\ufffd')) return text.replace(UNSAFE, escaped);
  // a byte that is no UTF-8 is shown alone, what is around it as it is
  return line.replace(/[\xc2-\xf4][\x80-\xbf]{1,3}|./gs, (part) => {
    const decoded = Buffer.from(part, 'latin1').toString();
    if (!decoded.includes('\ufffd')) return decoded.replace(UNSAFE, escaped);
    return [...part].map((byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
  });
}

function escaped(character: string): string {
  if (character === '\t') return character;
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
