/**
 * Observations: what detectors look at. An event of the ledger becomes one or several, flat, with the field names that
 * Sigma rules use; analysers add others (a command as the shell understands it, a message as a person does).
 *
 * @module
 */
import type { Context } from '../contract/index.ts';

/**
 * Log sources. Those of Sigma where it has one (`process_creation`, `file_event`, `network_connection`, `dns_query`),
 * ours for the rest. `shell_command` is one simple command of a parsed shell script; `sql_statement` one statement.
 */
export type Category =
  | 'process_creation'
  | 'process_termination'
  | 'file_event'
  | 'network_connection'
  | 'dns_query'
  | 'egress_flow'
  | 'http_request'
  | 'package_request'
  | 'tool_call'
  | 'tool_result'
  | 'llm_message'
  | 'message'
  | 'shell_command'
  | 'sql_statement'
  | 'workspace_change'
  | 'resource'
  | 'grade'
  | 'denial'
  | 'run'
  | 'sensor'
  | 'judgement'
  | 'auditd';

/** One value of a field. Numbers beyond 2^53 are strings. */
export type FieldValue = string | number | boolean | readonly string[] | undefined;

export interface Observation {
  readonly category: Category;
  /** microseconds since 1970 */
  readonly time: number;
  readonly run: string;
  readonly cell: string;
  /** numbers of the ledger events that it is made of, ascending; never empty but for sensors elsewhere */
  readonly cites: readonly number[];
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly context?: Context | undefined;
}
