/**
 * Loads the contract that a command is about, or says everything that is wrong with it.
 *
 * @module
 */
import { formatProblem, type Loaded, loadContract } from '../contract/index.ts';

/** A contract that loaded, with every default filled in. */
export type ValidContract = Extract<Loaded, { ok: true }>;

/**
 * Loads a contract or says everything that is wrong with it.
 *
 * @throws ContractError
 */
export function requireContract(path: string): ValidContract {
  const loaded = loadContract(path);
  if (loaded.ok) return loaded;
  throw new ContractError(loaded.problems.map(formatProblem), loaded.problems.length);
}

/** An invalid contract. The message holds every problem, each with its file, line and column. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code = 'invalid-contract';
  readonly hint: string;

  constructor(problems: readonly string[], count: number) {
    super(`the contract is invalid; nothing was started\n${problems.join('\n')}`);
    this.hint =
      count === 1 ? 'mend it, then run it again' : `mend these ${count} problems, then run it again`;
  }
}
