/**
 * Log sources: which of Sigma's are ours, and which fields our observations have.
 *
 * @module
 */
import type { Category } from '../observation.ts';
import type { LogSource } from './types.ts';

/**
 * Category → fields that its observations can have. `undefined`: whatever the sensor gives. The first names are those of
 * Sigma's taxonomy, where it has them.
 */
export const FIELDS: Readonly<Record<Category, readonly string[] | undefined>> = {
  process_creation: [
    ...['Image', 'CommandLine', 'CurrentDirectory', 'User', 'ProcessId', 'OriginalFileName'],
    ...['ParentImage', 'ParentCommandLine', 'ParentProcessId', 'ParentUser', 'TTY', 'ExecutableHash'],
  ],
  process_termination: ['Image', 'CommandLine', 'ProcessId', 'User', 'ExitCode', 'Signal', 'ParentImage'],
  file_event: ['TargetFilename', 'Operation', 'Image', 'CommandLine', 'ProcessId', 'User', 'NewFilename'],
  network_connection: undefined,
  dns_query: undefined,
  egress_flow: undefined,
  http_request: undefined,
  package_request: undefined,
  tool_call: undefined,
  tool_result: undefined,
  llm_message: undefined,
  message: undefined,
  shell_command: undefined,
  sql_statement: undefined,
  workspace_change: undefined,
  resource: undefined,
  grade: undefined,
  denial: undefined,
  run: undefined,
  sensor: undefined,
  auditd: undefined,
};

export const CATEGORIES = Object.keys(FIELDS) as Category[];

const isCategory = (name: string): name is Category => Object.hasOwn(FIELDS, name);

export const nameOfSource = ({ product, category, service }: LogSource): string =>
  [product, category, service].filter((part) => part !== undefined).join('/') || 'any';

/**
 * Observations that a log source means; none where we have nothing like it. A source that names a product only means its
 * logs as a whole: what programs were started with, and what auditd says.
 */
export function categoriesOf({ product, category, service }: LogSource): readonly Category[] {
  if (product !== undefined && product !== 'linux' && product !== 'ringfence') return [];
  if (service !== undefined)
    return service === 'auditd' && (category === undefined || category === 'auditd') ? ['auditd'] : [];
  if (category !== undefined) return isCategory(category) ? [category] : [];
  return product === undefined ? [] : ['process_creation', 'auditd'];
}
