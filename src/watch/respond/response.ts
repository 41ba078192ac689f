/**
 * From a finding's level to what the contract says is done about it.
 *
 * @module
 */
import { type Contract, type FindingLevel, type FindingResponse, RESPONSES } from '../../contract/index.ts';

/** @returns undefined where the contract wants nothing done: it is on record, and that is all */
export function responseTo(contract: Contract, level: FindingLevel): FindingResponse | undefined {
  const response = contract.oversight.on.finding[level];
  return response === 'none' ? undefined : response;
}

/** Whether one response does at least what the other does. */
export const includes = (one: FindingResponse, other: FindingResponse): boolean =>
  RESPONSES.indexOf(one) >= RESPONSES.indexOf(other);
