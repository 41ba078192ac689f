/**
 * Every row group, in the order of the table.
 *
 * @module
 */
import { calls } from './calls.ts';
import { connect } from './connect.ts';
import { download } from './download.ts';
import { launcher } from './launcher.ts';
import { memory } from './memory.ts';
import { monitor } from './monitor.ts';
import { projects } from './projects.ts';
import { proveEngine, provePatterns } from './prove.ts';
import { proveContractsRow } from './prove-contracts.ts';
import { proveFilters } from './prove-filters.ts';
import { contract, ledger } from './records.ts';
import { respond } from './respond.ts';
import { review } from './review.ts';
import type { Row } from './row.ts';
import { sigmaRules } from './rules.ts';
import { start } from './start.ts';
import { stop } from './stop.ts';
import { terminate } from './terminate.ts';

export type { Peers, Row } from './row.ts';
export const ROWS: readonly Row[] = [
  launcher,
  start,
  calls,
  connect,
  download,
  terminate,
  stop,
  ledger,
  memory,
  contract,
  monitor,
  projects,
  respond,
  review,
  proveContractsRow,
  proveEngine,
  provePatterns,
  proveFilters,
  sigmaRules,
];
