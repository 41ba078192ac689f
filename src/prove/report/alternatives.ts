/**
 * What would follow otherwise: without a layer that a proof may rest on, and after a change that closes a path.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';
import { type Fact, type Solved, WhatIf } from '../logic/index.ts';
import { hazardFact, keyOf, type Model, undecidedFact } from '../model/index.ts';
import type { Closed, Proved } from './types.ts';

/** What is known of one model beside what follows from it. Nothing is known where it was too large. */
export class Alternatives {
  readonly #model: Model;
  readonly #whatIf: WhatIf | undefined;
  /** Facts by which layers are thought away, and which the model itself does not have. */
  readonly #thoughtAway: readonly Fact[];

  /** By the key of the fact that takes a layer away: what follows without that layer alone. */
  readonly #without = new Map<string, (facts: readonly Fact[]) => boolean>();
  /** What follows from the model. */
  readonly solved: Solved;

  constructor(model: Model, hazards: readonly Hazard[]) {
    this.#model = model;
    const { facts } = model.world;
    const own = new Set(facts.map(keyOf));
    this.#thoughtAway = model.gates.map(({ without }) => without).filter((fact) => !own.has(keyOf(fact)));
    const { solved, opened } = WhatIf.explore(
      model.world,
      this.#thoughtAway,
      hazards.flatMap((name) => [hazardFact(name), undecidedFact(name)]),
    );
    this.solved = solved;
    this.#whatIf = opened.ok ? opened.whatIf : undefined;
  }

  /** The layers and people without any one of which the hazard would not be proved; `undefined` where that could not be found out. */
  restsOf(hazard: Hazard): Proved['rests'] | undefined {
    const whatIf = this.#whatIf;
    if (whatIf === undefined) return undefined;
    return this.#model.gates
      .filter(({ without }) =>
        this.#followsWithout(whatIf, without)([hazardFact(hazard), undecidedFact(hazard)]),
      )
      .map(({ name, text }) => ({ name, text }));
  }

  #followsWithout(whatIf: WhatIf, layer: Fact): (facts: readonly Fact[]) => boolean {
    const key = keyOf(layer);
    const known = this.#without.get(key);
    if (known !== undefined) return known;
    const made = whatIf.without(this.#thoughtAway.filter((fact) => keyOf(fact) !== key));
    this.#without.set(key, made);
    return made;
  }

  /** The smallest change after which no path to the hazard is left. */
  closedBy(hazard: Hazard): Closed | undefined {
    const bad = [hazardFact(hazard)];
    const found = this.#whatIf?.repair(bad, this.#model.changes, this.#thoughtAway);
    if (this.#whatIf === undefined || !found?.ok) return undefined;
    const gone = [...this.#thoughtAway, ...found.changes.flatMap(({ removes }) => removes)];
    const follows = this.#whatIf.without(gone);
    if (follows(bad)) return undefined;
    return {
      changes: found.changes.map(({ label }) => label),
      clauses: found.changes.map(({ clause }) => clause ?? ''),
      leaves: follows([undecidedFact(hazard)]) ? 'UNKNOWN' : 'PROVED',
      minimal: found.minimal,
    };
  }
}
