/**
 * `ringfence log verify`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVerifier, type Verification, verifyLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { folders } from '../folders.ts';
import { safe } from '../text.ts';

const SAYS: Record<Verification['status'], string> = {
  ok: 'whole: every record is the one that was signed',
  incomplete: 'not closed: nothing contradicts the signatures, but the run goes on or crashed',
  broken: 'BROKEN',
};

function describe(id: string, found: Verification): string[] {
  const lines = [`${safe(id)}: ${SAYS[found.status]}`];
  for (const { file, line, text } of found.problems) lines.push(`  ${safe(`${file}:${line}: ${text}`)}`);
  lines.push(`  ${found.size} records, ${found.signed} under ${found.checkpoints} signed checkpoints`);
  if (found.pruned) lines.push(`  ${found.pruned.size} older records were removed by retention`);
  for (const { seq, torn } of found.recoveries) {
    const bytes = torn.reduce((sum, part) => sum + part.bytes, 0);
    lines.push(
      `  recovered after a crash at record ${seq}${bytes > 0 ? `; ${bytes} bytes were torn off` : ''}`,
    );
  }
  return lines;
}

export function run({ options, args, terminal }: Invocation<'log verify'>): number {
  const { id, ledger } = findRun(args[0]);
  const publicKey = readFileSync(options.key ?? join(folders().keys, 'ledger.vkey'), 'utf8').trim();
  // The origin names the run, so one run's ledger put in the place of another's is found out.
  const name = parseVerifier(publicKey)?.name;
  const found = verifyLedger(ledger, {
    publicKey,
    ...(name === undefined ? {} : { origin: `${name}/${id}` }),
  });
  if (options.json) terminal.out(JSON.stringify({ run: id, ...found }, null, 2));
  else for (const line of describe(id, found)) terminal.out(line);
  return found.status === 'ok' ? EXIT.ok : EXIT.failed;
}
