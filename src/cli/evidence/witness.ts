/**
 * Statements about a battery: what it rested on when it began must be what is here when it ends, or nothing is said.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Scenario, Target, Trial } from '../../attack/index.ts';
import { changedSince, conditionsOf, reproductionsOf, type Subject } from '../../evidence/attest/index.ts';
import { folders } from '../folders.ts';
import { VERSION } from '../installation.ts';
import { safe } from '../text.ts';
import { keep, present } from './attestations.ts';

export class Witness {
  readonly #conditions: readonly Subject[];
  /** Digest of all that attempts rest on besides their scenario. */
  readonly under: string;

  /** @throws where the code or the launcher is not here */
  constructor() {
    const here = present();
    this.#conditions = here.subjects(conditionsOf(here));
    this.under = hash(
      'sha256',
      this.#conditions.map(({ name, digest }) => `${name}\0${digest.sha256}\n`).join(''),
    );
  }

  /** Signs and keeps a statement for each scenario with results. @returns a sentence for people */
  attest(
    trials: readonly Trial[],
    battery: { scenarios: readonly Scenario[]; targets: readonly Target[] },
  ): string {
    const changed = changedSince({ subjects: this.#conditions }, present());
    if (changed.length > 0)
      return `no statement is made: ${changed.map(({ name }) => name).join(', ')} changed while attempts were made`;
    const statements = reproductionsOf(trials, battery, {
      conditions: this.#conditions,
      made: new Date().toISOString(),
      version: VERSION,
    });
    try {
      for (const statement of statements) keep(statement);
    } catch (error) {
      return `no statement could be kept: ${safe(error instanceof Error ? error.message : String(error))}`;
    }
    return `${statements.length} ${statements.length === 1 ? 'statement is' : 'statements are'} signed and kept in ${safe(folders().attestations)}`;
  }
}
