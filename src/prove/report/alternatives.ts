/**
 * What would follow otherwise: without a layer that a proof may rest on, and after a change that closes a path.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';
import { type Fact, WhatIf } from '../logic/index.ts';
import { hazardFact, keyOf, type Model, undecidedFact } from '../model/index.ts';
import type { Closed, Proved } from './types.ts';

/** What is known of one model beside what follows from it. Nothing is known where it was too large. */
export class Alternatives {
  readonly #model: Model;
  readonly #whatIf: WhatIf | undefined;
  /** Facts by which layers are thought away, and which the model itself does not have. */
  readonly #thoughtAway: readonly Fact[];

  constructor(model: Model, hazards: readonly Hazard[]) {
    this.#model = model;
    const { facts } = model.world;
    const own = new Set(facts.map(keyOf));
    this.#thoughtAway = model.gates.map(({ without }) => without).filter((fact) => !own.has(keyOf(fact)));
    const opened = WhatIf.open(
      { ...model.world, facts: [...facts, ...this.#thoughtAway] },
      hazards.flatMap((name) => [hazardFact(name), undecidedFact(name)]),
    );
    this.#whatIf = opened.ok ? opened.whatIf : undefined;
  }

  /** The layers and people without any one of which the hazard would not be proved; `undefined` where that could not be found out. */
  restsOf(hazard: Hazard): Proved['rests'] | undefined {
    const whatIf = this.#whatIf;
    if (whatIf === undefined) return undefined;
    return this.#model.gates
      .filter(({ without }) => {
        const others = this.#thoughtAway.filter((fact) => keyOf(fact) !== keyOf(without));
        return whatIf.follows([hazardFact(hazard), undecidedFact(hazard)], others);
      })
      .map(({ name, text }) => ({ name, text }));
  }

  /** The smallest change after which no path to the hazard is left. */
  closedBy(hazard: Hazard): Closed | undefined {
    const bad = [hazardFact(hazard)];
    const found = this.#whatIf?.repair(bad, this.#model.changes, this.#thoughtAway);
    if (this.#whatIf === undefined || !found?.ok) return undefined;
    const gone = [...this.#thoughtAway, ...found.changes.flatMap(({ removes }) => removes)];
    if (this.#whatIf.follows(bad, gone)) return undefined;
    return {
      changes: found.changes.map(({ label }) => label),
      clauses: found.changes.map(({ clause }) => clause ?? ''),
      leaves: this.#whatIf.follows([undecidedFact(hazard)], gone) ? 'UNKNOWN' : 'PROVED',
      minimal: found.minimal,
    };
  }
}
