/**
 * The findings of a run as they come.
 *
 * @module
 */
import { followLedger } from '../../ledger/index.ts';
import { EXIT } from '../exit-codes.ts';
import type { FoundRun } from '../find-run.ts';
import type { Terminal } from '../terminal.ts';
import { findingLines, isSerious } from './format.ts';

/** @returns the exit code: whether anything serious was found */
export async function followFindings(found: FoundRun, json: boolean, terminal: Terminal): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  let serious = false;
  for await (const event of followLedger(found.ledger, stop.signal, { filter: { kinds: ['finding'] } })) {
    if (event.kind !== 'finding') continue;
    serious ||= isSerious(event);
    if (json) terminal.out(JSON.stringify(event));
    else for (const line of findingLines(event, terminal, event.seq)) terminal.out(line);
  }
  return serious ? EXIT.failed : EXIT.ok;
}
