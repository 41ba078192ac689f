/**
 * How servers encode a secret when they give it back, and what the agent gets in the place of each: its placeholder in
 * the same encoding, so that an answer looks as if the placeholder had been sent, whatever the secret's length.
 *
 * @module
 */
import { lowerCase, Spelling } from './spelling.ts';

/** One way in which a secret comes back. */
export interface Form {
  /** where it ends when it begins here, else -1 */
  match(bytes: Uint8Array, at: number): number;
  /** bytes that it can begin with */
  first: ReadonlySet<number>;
  /** its longest, in bytes */
  longest: number;
  instead: Buffer;
  /** in base64: how many characters of the same group of four stand before it */
  base64?: 2 | 3 | 0;
}

/** The forms of some secrets, by the byte that they begin with. */
export interface Forms {
  first: readonly (readonly Form[] | undefined)[];
  longest: number;
  /** bytes that can be part of a secret that is not escaped */
  inside: ReadonlySet<number>;
}

interface Lent {
  value: string;
  /** plain ASCII without anything to escape, so that escaped it is the same */
  placeholder: string;
}

function literal(bytes: Buffer, instead: string | Buffer, base64?: 2 | 3 | 0): Form {
  return {
    match: (from, at) => {
      for (let index = 0; index < bytes.length; index += 1) if (from[at + index] !== bytes[index]) return -1;
      return at + bytes.length;
    },
    first: new Set([bytes[0] as number]),
    longest: bytes.length,
    instead: Buffer.from(instead as string),
    ...(base64 === undefined ? {} : { base64 }),
  };
}

/** Those characters of the base64 of `prefix` unknown bytes and then `value` that `value` alone decides. */
function alignedBase64(value: Buffer, prefix: number, encoding: 'base64' | 'base64url'): Buffer {
  const text = Buffer.concat([Buffer.alloc(prefix), value]).toString(encoding);
  return Buffer.from(text.slice(Math.ceil((prefix * 8) / 6), Math.floor(((prefix + value.length) * 8) / 6)));
}

/** UTF-16 in both orders of bytes. */
const wide = (text: string): [Buffer, Buffer] => [
  Buffer.from(text, 'utf16le'),
  Buffer.from(text, 'utf16le').swap16(),
];

function formsOf({ value, placeholder }: Lent, inLowerCase: boolean): Form[] {
  const bytes = Buffer.from(value);
  const same = (form: Buffer) => (inLowerCase ? lowerCase(form) : form);
  const spelling = new Spelling(value, inLowerCase);
  const hex = bytes.toString('hex');
  const hexInstead = Buffer.from(placeholder).toString('hex');
  const [little, big] = wide(value);
  const [littleInstead, bigInstead] = wide(placeholder);
  const base64Instead = Buffer.from(placeholder).toString('base64');
  return [
    {
      match: (from, at) => spelling.match(from, at),
      first: spelling.first,
      longest: spelling.longest,
      instead: Buffer.from(placeholder),
    },
    literal(Buffer.from(hex), hexInstead),
    literal(same(Buffer.from(hex.toUpperCase())), hexInstead),
    literal(same(little), littleInstead),
    literal(same(big), bigInstead),
    ...([[0, 0] as const, [1, 2] as const, [2, 3] as const] as const).flatMap(([prefix, before]) =>
      (['base64', 'base64url'] as const).map((encoding) =>
        literal(same(alignedBase64(bytes, prefix, encoding)), base64Instead, before),
      ),
    ),
  ];
}

/** The forms of secrets. `inLowerCase`: to look for in texts that were brought into lower case. */
export function makeForms(secrets: readonly Lent[], inLowerCase = false): Forms {
  const first: Form[][] = Array.from({ length: 256 }, () => []);
  let longest = 0;
  for (const secret of secrets) {
    for (const form of formsOf(secret, inLowerCase)) {
      longest = Math.max(longest, form.longest);
      for (const byte of form.first) first[byte]?.push(form);
    }
  }
  const plain = secrets.flatMap(({ value }) => [Buffer.from(value), ...wide(value)]);
  return {
    first: first.map((forms) => (forms.length === 0 ? undefined : forms)),
    longest,
    inside: new Set(plain.flatMap((bytes) => [...bytes])),
  };
}
