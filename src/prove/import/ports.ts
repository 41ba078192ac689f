/**
 * Published ports, as Docker's tools write them: `[ADDRESS:][OUTSIDE:]INSIDE[/PROTOCOL]`, each side a number or a range.
 *
 * Source: Docker documentation, Port publishing and mapping; Compose specification, ports.
 *
 * @module
 */

export interface Port {
  readonly address: string | undefined;
  readonly outside: number | 'any';
  readonly inside: number | 'any';
  readonly protocol: 'tcp' | 'udp';
  /** What stands where a number should, and is not known. */
  readonly unknown?: string;
}

/** Ranges longer than this become one entry that says `any`. */
const LONGEST_RANGE = 16;

/** `undefined` where it is no port at all. */
export function readPort(text: string): Port[] | undefined {
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):(?=.*:))?(?:([^:]*):)?([^:/]+)(?:\/(\w+))?$/.exec(text);
  if (match === null) return undefined;
  const [, address, outside, inside, word = 'tcp'] = match as unknown as [
    string,
    string?,
    string?,
    string?,
    string?,
  ];
  if (!/^(tcp|udp|sctp|\$\{.*)$/i.test(word)) return undefined;
  const protocol = word.toLowerCase() === 'udp' ? 'udp' : 'tcp';
  const from = outside === undefined || outside === '' ? { ports: undefined } : readRange(outside);
  const to = readRange(inside ?? '');
  const common = {
    address: address === undefined || address === '' ? undefined : address,
    protocol,
  } as const;
  const unknown = from.unknown ?? to.unknown;
  const all = {
    ...common,
    outside: 'any',
    inside: 'any',
    ...(unknown !== undefined && { unknown }),
  } as const;
  if (to.ports === undefined) return [{ ...all, outside: single(from.ports) }];
  if (to.ports.length > LONGEST_RANGE) return [all];
  const pairs = from.ports?.length === to.ports.length ? from.ports : undefined;
  return to.ports.map((port, index) => ({
    ...common,
    outside: pairs?.[index] ?? 'any',
    inside: port,
    ...(unknown !== undefined && { unknown }),
  }));
}

const single = (ports: readonly number[] | undefined): number | 'any' =>
  ports?.length === 1 ? (ports[0] as number) : 'any';

function readRange(text: string): { ports: number[] | undefined; unknown?: string } {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return { ports: undefined, unknown: text };
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (first > 65_535 || last > 65_535 || last < first) return { ports: undefined, unknown: text };
  return {
    ports: Array.from({ length: Math.min(last - first + 1, LONGEST_RANGE + 1) }, (_, at) => first + at),
  };
}
