/**
 * `ringfence evidence coverage`.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { makeCoverage, readStatements, type Statement, staleIn } from '../../evidence/attest/index.ts';
import { type Coverage, claimCoverage, coverageText } from '../../evidence/coverage/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { knownVerifiers, present } from '../evidence/attestations.ts';
import { openBase } from '../evidence/base.ts';
import { coverageFile, coverageWorld, readCoverage } from '../evidence/coverage.ts';
import { wrapText } from '../evidence/wrap.ts';
import { EXIT } from '../exit-codes.ts';
import { folders } from '../folders.ts';
import { safe } from '../text.ts';

type Invoked = Invocation<'evidence coverage'>;

const MEASURE = 'measure it: ringfence attack --targets ringfence,ringfence-layers,none --seeds 20';

/** From the statements of this installation that are about what is here. */
function measuredHere(): Coverage | undefined {
  const here = present();
  const { attested } = readStatements(folders().attestations, knownVerifiers());
  const fresh = attested.flatMap(({ statement }): Statement<'reproduction'>[] =>
    statement.kind === 'reproduction' && staleIn(statement, here).length === 0 ? [statement] : [],
  );
  return makeCoverage(fresh);
}

function write(file: string, measured: Coverage | undefined): void {
  if (measured === undefined)
    throw new CommandError(
      'nothing-measured',
      'no attempt was made here with this code, launcher, kernel and rules: there is nothing to write',
      MEASURE,
    );
  try {
    writeFileSync(file, coverageText(measured));
  } catch (error) {
    throw new CommandError(
      'unwritable',
      safe((error as Error).message),
      'the evidence base of this installation must be yours to write',
    );
  }
}

export function run({ options, terminal }: Invoked): number {
  const base = openBase({ claims: undefined, on: undefined });
  const measured = measuredHere();
  if (options.write) write(coverageFile(base.folder), measured);
  const shipped = readCoverage(base.folder);
  const coverage = measured ?? (shipped === 'broken' ? undefined : shipped);
  const world = coverageWorld();
  const claims = base.evidence.claims.map(({ id }) => ({ id, coverage: claimCoverage(id, coverage, world) }));
  const from = measured ? 'here' : coverage ? 'shipped' : 'nothing';
  if (options.json) {
    const all = { version: 1, from, measured: coverage ?? null, claims };
    terminal.out(JSON.stringify(all, null, 2));
    return EXIT.ok;
  }
  const width = Math.min(terminal.columns(), 100);
  const told = {
    here: 'Measured on this machine, with the code, kernel and rules that are here.',
    shipped: `As it came with Ringfence: measured on ${coverage?.on} by ${coverage?.ringfence}, kernel ${coverage?.kernel}.`,
    nothing: `Nothing was measured; ${MEASURE}.`,
  } as const;
  for (const line of wrapText(safe(told[from]), width, '')) terminal.out(line);
  if (shipped === 'broken')
    terminal.err(
      `${safe(coverageFile(base.folder))} is no coverage; write it anew: ringfence evidence coverage --write`,
    );
  const colours = { UNMEASURED: 'dim', MEASURED: 'green', STALE: 'yellow' } as const;
  for (const { id, coverage: one } of claims) {
    terminal.out(`${terminal.style('bold', safe(id))}  ${terminal.style(colours[one.state], one.state)}`);
    if (one.state !== 'UNMEASURED' || one.unmeasured.length > 0)
      for (const line of wrapText(safe(one.text), width, '  ')) terminal.out(line);
  }
  const many = (state: string) => claims.filter((one) => one.coverage.state === state).length;
  terminal.out(
    `${claims.length} claims: ${many('MEASURED')} measured, ${many('STALE')} stale, ${many('UNMEASURED')} unmeasured`,
  );
  if (options.write) terminal.err(`written: ${safe(coverageFile(base.folder))}`);
  return EXIT.ok;
}
