/**
 * Model → verdicts. Nothing is rounded up: what could not be derived is proved only if its certificate passes the checker.
 *
 * @module
 */
import { HAZARD_NAMES, type Hazard } from '../../contract/index.ts';
import { certificateFile, makeCertificate, verifyCertificate, worldFile } from '../certificate/index.ts';
import { type Fact, listSteps, type ProofTree, type Solution, type World } from '../logic/index.ts';
import {
  hazardFact,
  keyOf,
  type Model,
  type ModelInput,
  modelOf,
  settingIn,
  undecidedFact,
} from '../model/index.ts';
import { Alternatives } from './alternatives.ts';
import { commandOf } from './command.ts';
import { stepsOf } from './steps.ts';
import { trailOf } from './trail.ts';
import type { Reason, Refuted, Report, Verdict } from './types.ts';

const unknown = (hazard: Hazard, text: string): Verdict => ({
  hazard,
  verdict: 'UNKNOWN',
  reasons: [{ text, by: [] }],
});

/**
 * What an agent could do inside a contract, for every hazard.
 *
 * @example
 * prove({ contract, catalogue, home: '/home/operator' }).verdicts
 */
export const prove = (input: ModelInput): Report => proveModel(modelOf(input), settingIn(input).name);

/** The same of a model that was made before; `name`: of the set-up. */
export function proveModel(model: Model, name: string): Report {
  const report = { contract: name, model: 1 } as const;
  const alternatives = new Alternatives(model, HAZARD_NAMES);
  const { solved } = alternatives;
  if (!solved.ok)
    return {
      ...report,
      verdicts: HAZARD_NAMES.map((name) => unknown(name, solved.message)),
      certified: undefined,
      proof: undefined,
    };
  const { solution } = solved;
  const candidates = HAZARD_NAMES.filter(
    (name) => !solution.has(hazardFact(name)) && !solution.has(undecidedFact(name)),
  );
  // where nothing is proved there is nothing to certify
  const proof = candidates.length > 0 ? certify(model.world, candidates, solution) : undefined;
  const verdicts = HAZARD_NAMES.map((hazard): Verdict => {
    if (solution.has(hazardFact(hazard))) return refuted(model, solution, hazard, alternatives);
    if (solution.has(undecidedFact(hazard)))
      return { hazard, verdict: 'UNKNOWN', reasons: reasonsOf(model, solution, hazard) };
    if (!proof?.ok) return unknown(hazard, proof?.message ?? 'it was not certified');
    const rests = alternatives.restsOf(hazard);
    if (rests === undefined)
      return unknown(hazard, 'it was too large to find out what a proof would rest on');
    return { hazard, verdict: 'PROVED', rests };
  });
  const made = proof?.ok === true ? proof.made : undefined;
  return { ...report, verdicts, certified: made?.certificate.facts.length, proof: made };
}

type Certified = { ok: true; made: NonNullable<Report['proof']> } | { ok: false; message: string };

/** One certificate for all; checked at once, by the checker that does not know the solver. */
function certify(model: World, hazards: readonly Hazard[], solution: Solution): Certified {
  const world = { ...model, bad: hazards.flatMap((name) => [hazardFact(name), undecidedFact(name)]) };
  const file = worldFile(world);
  const made = makeCertificate(world, solution, file);
  if (!made.ok) return { ok: false, message: 'the solver contradicts itself: no certificate could be made' };
  const verified = verifyCertificate(file, certificateFile(made.certificate));
  if (!verified.valid)
    return { ok: false, message: `the certificate did not pass the checker: ${verified.reason}` };
  return { ok: true, made: { world, certificate: made.certificate } };
}

function refuted(model: Model, solution: Solution, hazard: Hazard, alternatives: Alternatives): Refuted {
  const proof = solution.proof(hazardFact(hazard)) as ProofTree;
  const listed = listSteps(proof);
  const facts = listed.map(({ fact }) => fact);
  return {
    hazard,
    verdict: 'REFUTED',
    steps: stepsOf(model, listed),
    command: commandOf(model, hazard, facts),
    trail: trailOf(model, listed),
    closed: alternatives.closedBy(hazard),
  };
}

/** Every rule that leaves the hazard undecided, each once, with the clauses that it comes from. */
function reasonsOf({ world, origins }: Model, solution: Solution, hazard: Hazard): Reason[] {
  const rules = world.rules.filter(({ head }) => head[0] === 'undecided' && head[1] === hazard);
  return rules.flatMap(({ body, text }): Reason[] => {
    const matched = body.map(([predicate, ...terms]) =>
      solution
        .factsOf(predicate)
        .filter((fact: Fact) => terms.every((term, at) => typeof term !== 'string' || term === fact[at + 1])),
    );
    if (matched.some((facts) => facts.length === 0)) return [];
    // literals of these rules share one variable at most, the destination: what is near is also reached
    const by = matched.at(-1)?.map((fact) => origins.get(keyOf(fact))?.clause ?? 'model') ?? [];
    return [{ text, by: [...new Set(by)].filter((clause) => clause !== 'model') }];
  });
}
