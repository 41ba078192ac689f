/**
 * `npm run bench`: measures what the design sets numbers for, in turns with what it is compared to, and prints one table.
 * It states and never fails on a number.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { type Line, table, verdict } from './line.ts';
import { parseOptions, usage } from './options.ts';
import { bubblewrap, npmPeers } from './peers.ts';
import { UnmeasuredError } from './programs.ts';
import { type Peers, ROWS } from './rows/index.ts';
import { Workshop } from './workshop.ts';

/** Peers are installed when the first row asks for them, and once. */
function peersOf(workshop: Workshop): Peers {
  return {
    bubblewrap: once(() => bubblewrap(workshop)),
    npm: once(() => {
      process.stderr.write('bench: installing the other sandboxes into a scratch folder\n');
      return npmPeers(workshop);
    }),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function machine(): string {
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
  const user = process.getuid?.() === 0 ? 'root' : 'an ordinary user';
  return `Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, as ${user}, load at start ${load}`;
}

async function main(words: readonly string[]): Promise<number> {
  const parsed = parseOptions(
    words,
    ROWS.map(({ id }) => id),
  );
  if (parsed.ok === 'help') {
    process.stdout.write(usage(ROWS));
    return 0;
  }
  if (!parsed.ok) {
    process.stderr.write(`bench: ${parsed.problem}\n`);
    return 2;
  }
  const { only, rounds, json } = parsed.options;
  const header = machine();
  const workshop = await Workshop.open(rounds);
  const close = (): void => workshop.close();
  process.on('exit', close);
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(name, () => process.exit(code));
  const peers = peersOf(workshop);
  const lines: (Line & { row: string })[] = [];
  for (const row of ROWS.filter(({ id }) => only.length === 0 || only.includes(id))) {
    process.stderr.write(`bench: ${row.id}: ${row.measures}\n`);
    try {
      for (const line of await row.run(workshop, peers)) lines.push({ row: row.id, ...line });
    } catch (error) {
      if (!(error instanceof UnmeasuredError)) throw error;
      lines.push({ row: row.id, what: row.measures, note: error.message });
    }
  }
  process.stdout.write(
    `${header}; ${rounds} rounds\nmedians (first to third quartile); ratios and differences are of the same round\n\n${table(lines)}`,
  );
  if (json !== undefined) {
    const text = JSON.stringify(
      {
        version: 1,
        machine: header,
        rounds,
        lines: lines.map((line) => ({ ...line, verdict: verdict(line) })),
      },
      null,
      2,
    );
    writeFileSync(json, `${text}\n`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
