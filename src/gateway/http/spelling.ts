/**
 * A text as servers may spell it: each character for itself or escaped as in URLs, JSON, JavaScript and HTML, in any
 * mixture, since hardly two libraries escape the same ones.
 *
 * @module
 */

const NAMED: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

const hex = (code: number, digits = 0): string => code.toString(16).padStart(digits, '0');
const escapedBytes = (bytes: Uint8Array): string => [...bytes].map((byte) => `%${hex(byte, 2)}`).join('');

/** `%2b` also as `%2B`: digits only, for `\U` and `&#X` are other things. */
const capitals = (text: string): string => text.replace(/[0-9a-f]{2,}/g, (digits) => digits.toUpperCase());

/** The spellings of one character; the first is its own. */
function spellingsOf(character: string): Buffer[] {
  const code = character.codePointAt(0) as number;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const unicode = units.map((unit) => `\\u${hex(unit, 4)}`).join('');
  const escapes = [
    escapedBytes(Buffer.from(character)),
    unicode,
    ...(code < 0x100 ? [`\\x${hex(code, 2)}`] : []),
    `&#${code};`,
    `&#0${code};`,
    `&#x${hex(code)};`,
    `&#x${hex(code, 2)};`,
    `&#x${hex(code, 4)};`,
  ];
  const all = [
    character,
    ...escapes,
    ...escapes.map(capitals),
    ...(NAMED[character] === undefined ? [] : [`&${NAMED[character]};`]),
    ...(/["'\\/]/.test(character) ? [`\\${character}`] : []),
    ...(character === ' ' ? ['+'] : []),
  ];
  return [...new Set(all)].map((text) => Buffer.from(text));
}

const startsWith = (bytes: Uint8Array, at: number, text: Uint8Array): boolean => {
  for (let index = 0; index < text.length; index += 1) if (bytes[at + index] !== text[index]) return false;
  return true;
};

export class Spelling {
  readonly #characters: readonly (readonly Buffer[])[];
  /** bytes of its longest spelling */
  readonly longest: number;
  /** bytes that a spelling can begin with */
  readonly first: ReadonlySet<number>;

  /** `inLowerCase`: for texts that were brought into lower case. */
  constructor(text: string, inLowerCase = false) {
    const known = new Map<string, Buffer[]>();
    this.#characters = Array.from(text, (character) => {
      let spellings = known.get(character);
      if (!spellings) {
        spellings = spellingsOf(character);
        if (inLowerCase) spellings = spellings.map((one) => Buffer.from(lowerCase(one)));
        known.set(character, spellings);
      }
      return spellings;
    });
    this.longest = this.#characters.reduce(
      (sum, spellings) => sum + Math.max(...spellings.map(({ length }) => length)),
      0,
    );
    this.first = new Set(this.#characters[0]?.map((spelling) => spelling[0] as number));
  }

  /** Where the longest spelling that begins here ends; -1 where none does. */
  match(bytes: Uint8Array, at: number): number {
    // a backslash or ampersand can be itself or begin an escape: all readings are followed
    let ends = [at];
    for (const spellings of this.#characters) {
      const next: number[] = [];
      for (const from of ends)
        for (const spelling of spellings)
          if (startsWith(bytes, from, spelling) && !next.includes(from + spelling.length))
            next.push(from + spelling.length);
      if (next.length === 0) return -1;
      ends = next;
    }
    return Math.max(...ends);
  }
}

/** Bytes with ASCII and Latin-1 letters in lower case; as many as before. */
export const lowerCase = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').toLowerCase(), 'latin1');
