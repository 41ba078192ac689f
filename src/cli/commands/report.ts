/**
 * `ringfence report`.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { readLedger } from '../../ledger/index.ts';
import { BOUNDS, Gathered, ReportFileError, reportPage, writeReport } from '../../serve/report/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { type FoundRun, findRun } from '../find-run.ts';
import { VERSION } from '../installation.ts';
import { changesForReport, integrityOf } from '../report/sources.ts';
import { safe } from '../text.ts';
import { isAlive, readFacts } from '../wiring/leftovers.ts';

/** Numbers that findings cite: asked for where not every event goes into the page. */
async function citedIn(ledger: string): Promise<Set<number>> {
  const cited = new Set<number>();
  const findings = readLedger(ledger, { kinds: ['finding'] }, { onUnreadable: () => undefined });
  for await (const event of findings)
    if (event.kind === 'finding' && Array.isArray(event.cites)) for (const seq of event.cites) cited.add(seq);
  return cited;
}

async function gather({ ledger }: FoundRun, total: number, transcripts: boolean): Promise<Gathered> {
  const gathered = new Gathered({
    ...{ total, transcripts },
    ...(total > BOUNDS.events && { cited: await citedIn(ledger) }),
  });
  // a record that somebody broke is shown as far as it can be read; its verification says what is wrong
  const events = readLedger(ledger, {}, { onUnreadable: () => gathered.skip() });
  for await (const event of events) gathered.add(event);
  return gathered;
}

export async function run({ options, args, terminal }: Invocation<'report'>): Promise<number> {
  const found = findRun(args[0] === 'latest' ? undefined : args[0]);
  if (!existsSync(found.ledger))
    throw new CommandError(
      'no-record',
      `run ${found.id} has no record: ${found.ledger} is gone`,
      'it never began, or somebody removed its record; see the others: ringfence runs',
    );
  const facts = readFacts(found);
  const transcripts = options.transcripts === true;
  const integrity = integrityOf(found);
  const gathered = await gather(found, integrity.size, transcripts);
  const page = reportPage({
    run: found.id,
    version: VERSION,
    made: new Date().toISOString(),
    ...{ gathered, integrity, transcripts },
    changes: changesForReport(found, facts),
    isOngoing: facts !== undefined && isAlive(facts),
    ...(facts && {
      unsigned: {
        ...facts.contract,
        ...{ command: facts.command, workspace: facts.workspace, started: facts.started },
      },
    }),
    ...(facts?.exit !== undefined && { status: facts.exit }),
    landings: (facts?.landings ?? []).map(({ what, when, count }) => `${what} on ${when}: ${count} paths`),
  });
  try {
    terminal.out(safe(writeReport(options.output ?? `ringfence-report-${found.id}.html`, page)));
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    throw new CommandError(error.code, safe(error.message), error.hint);
  }
  if (integrity.state === 'broken')
    terminal.err(`ringfence: the record of run ${found.id} is broken: ringfence log verify ${found.id}`);
  return integrity.state === 'broken' ? EXIT.failed : EXIT.ok;
}
