/**
 * `ringfence runs`.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { loadKeys } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { listRuns } from '../find-run.ts';
import { ensureFolder, folders } from '../folders.ts';
import { commandLine, safe, shorten } from '../text.ts';
import { isAlive, mendLeftovers, readFacts } from '../wiring/leftovers.ts';
import { type RunFacts, runPaths } from '../wiring/run-folder.ts';

function stateOf(facts: RunFacts): string {
  if (facts.ended === undefined) return isAlive(facts) ? 'running' : 'crashed';
  return facts.reason === 'ended' || facts.exit === undefined
    ? String(facts.exit ?? facts.reason)
    : `${facts.exit} ${facts.reason}`;
}

export async function run({ options, terminal }: Invocation<'runs'>): Promise<number> {
  const limit = Number(options.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new CommandError(
      'usage',
      `--limit ${options.limit} is not a number of runs`,
      'write for example -n 5',
      EXIT.usage,
    );
  }
  await mendLeftovers(loadKeys(ensureFolder(folders().keys)));
  const listed = listRuns()
    .slice(0, limit)
    .map((run) => ({ run, facts: readFacts(run) }));
  for (const { run, facts } of listed)
    if (!facts && existsSync(runPaths(run.folder).facts))
      terminal.err(
        `ringfence: run ${run.id} is not listed: its run.json is damaged; its record may still be whole: ringfence log verify ${run.id}`,
      );
  const found = listed.flatMap(({ facts }) => facts ?? []);
  if (options.json) {
    terminal.out(JSON.stringify(found, null, 2));
    return EXIT.ok;
  }
  if (listed.length === 0) terminal.out('no runs yet; start one: ringfence run -- COMMAND');
  const width = Math.max(30, terminal.columns() - 58);
  for (const facts of found) {
    const columns = [
      facts.id,
      shorten(safe(facts.name), 16).padEnd(16),
      shorten(safe(stateOf(facts)), 16).padEnd(16),
    ];
    terminal.out(`${columns.join('  ')}  ${shorten(commandLine(facts.command), width)}`);
  }
  return EXIT.ok;
}
