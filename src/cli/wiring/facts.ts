/**
 * Whether what a run says of itself (`run.json`) is of the shape that it was written in: somebody may have damaged it.
 *
 * @module
 */
import type { RunFacts } from './run-folder.ts';

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isAbsentOr = (isIt: (value: unknown) => boolean, value: unknown): boolean =>
  value === undefined || isIt(value);

const isLanding = (value: unknown): boolean =>
  isObject(value) &&
  [value.what, value.when, value.digest].every(isText) &&
  Number.isSafeInteger(value.count) &&
  isTexts(value.paths);

/** Whether it is of the shape that every command may rely on. */
export function isRunFacts(value: unknown): value is RunFacts {
  if (!isObject(value) || value.version !== 1 || !isObject(value.contract)) return false;
  const { contract } = value;
  return (
    [value.id, value.name, value.workspace, value.started, value.startTime].every(isText) &&
    [contract.name, contract.path, contract.sha256].every(isText) &&
    Number.isSafeInteger(value.pid) &&
    isTexts(value.command) &&
    isTexts(value.groups) &&
    isAbsentOr(Number.isSafeInteger, value.exit) &&
    [value.ended, value.reason, value.pidNamespace, value.copy].every((text) => isAbsentOr(isText, text)) &&
    isAbsentOr(isTexts, value.protect) &&
    isAbsentOr((all) => Array.isArray(all) && all.every(isLanding), value.landings)
  );
}
