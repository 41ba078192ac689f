/**
 * `ringfence doctor`.
 *
 * @module
 */
import { doctorReport, gatherFacts, reportLines } from '../../cell/machine/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { installation } from '../installation.ts';

export function run({ options, terminal }: Invocation<'doctor'>): number {
  const report = doctorReport(gatherFacts({ launcher: installation().launcher }));
  if (options.json) terminal.out(JSON.stringify(report, null, 2));
  else for (const line of reportLines(report)) terminal.out(line);
  return report.verdict === 'full' ? EXIT.ok : EXIT.failed;
}
