/**
 * The command line of `npm run bench`.
 *
 * @module
 */
import { parseArgs } from 'node:util';

export interface Options {
  only: string[];
  rounds: number;
  json: string | undefined;
}

export type ParsedOptions = { ok: true; options: Options } | { ok: false; problem: string } | { ok: 'help' };

export function usage(ids: readonly { id: string; measures: string }[]): string {
  const rows = ids.map(({ id, measures }) => `  ${id.padEnd(10)} ${measures}`).join('\n');
  return `npm run bench -- [--only ROW,…] [--rounds N] [--json FILE]

  --only ROW,…   only these rows
  --rounds N     rounds of the quick rows (default 10, at least 3); slow rows take fewer
  --json FILE    also write the numbers, every sample's quartiles included

rows:
${rows}
`;
}

export function parseOptions(words: readonly string[], ids: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '10' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) return { ok: 'help' };
    const only =
      values.only
        ?.split(',')
        .map((id) => id.trim())
        .filter((id) => id !== '') ?? [];
    const unknown = only.find((id) => !ids.includes(id));
    if (unknown !== undefined)
      return { ok: false, problem: `there is no row ${unknown}; the rows are: ${ids.join(', ')}` };
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < 3 || rounds > 1000)
      return { ok: false, problem: '--rounds takes a whole number from 3 to 1000' };
    return { ok: true, options: { only, rounds, json: values.json } };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}
