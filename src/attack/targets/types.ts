/**
 * Targets: what an attempt runs in. Each gets the configuration that its documentation recommends for the scenario's task.
 *
 * @module
 */
import type { Launch, Operated, Places } from '../job.ts';
import type { Scenario } from '../load.ts';

export interface Setting {
  readonly scenario: Scenario;
  readonly places: Places;
  readonly addresses: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly fill: (text: string) => string;
}

export interface Prepared {
  readonly launch: Launch;
  /** files that it reads: path → text */
  readonly files: Readonly<Record<string, string>>;
  readonly operated?: Operated;
}

export interface Target {
  readonly name: string;
  readonly version: string;
  /** what it was given, in words, for who reads the results */
  readonly configuration: string;
  /** a product of others: of it only counts are told */
  readonly peer: boolean;
  readonly prepare: (setting: Setting) => Prepared;
}

export type FoundTarget =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly name: string; readonly reason: string };

/** Hosts that the contract lets the task reach. */
export const hostsOf = ({ scenario, fill }: Setting): string[] => {
  const network = (scenario.contract.network ?? []) as { host?: unknown }[];
  const mail =
    scenario.contract.tools === undefined
      ? []
      : Object.values(scenario.standIns).flatMap(({ kind, host }) => (kind === 'mail' ? [host] : []));
  return [
    ...new Set([...network.flatMap(({ host }) => (typeof host === 'string' ? [fill(host)] : [])), ...mail]),
  ];
};

/** What the operator has in the environment beside the usual, which no task needs. */
export const secretsOf = ({ scenario }: Setting): string[] => Object.keys(scenario.environment);

/** Files of the workspace that the contract hides. */
export const hiddenOf = ({ scenario, fill }: Setting): string[] => {
  const { hide } = (scenario.contract.files ?? {}) as { hide?: unknown[] };
  return (hide ?? [])
    .filter((path): path is string => typeof path === 'string' && !/[*?[{]/.test(path))
    .map(fill);
};
