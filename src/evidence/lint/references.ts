/**
 * Links that lead nowhere, and circles.
 *
 * @module
 */
import type { Path } from '../../contract/index.ts';
import { citesOf } from '../cites.ts';
import { stepsBefore } from '../graph.ts';
import type { Claim } from '../load.ts';
import { keysOf, RELATIONS } from '../words.ts';
import type { Check } from './world.ts';

/** Relations that must not lead back to where they began. Tension goes both ways. */
const ONE_WAY = keysOf(RELATIONS).filter((how) => how !== 'in-tension-with');

/** A technique of ATT&CK (`T1572`, `T1021.004`) or ATLAS (`AML.T0053`). */
const TECHNIQUE = /^(AML\.)?T\d{4}(\.\d{3})?$/;

/**
 * Nodes on circles of a graph, each circle that a walk in depth closes, as the way round. Without recursion: a path may be
 * as long as a file.
 */
function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[][] = [];
  for (const start of edges.keys()) {
    if (state.has(start)) continue;
    state.set(start, 'open');
    const way = [{ node: start, next: 0 }];
    for (let top = way.at(-1); top; top = way.at(-1)) {
      const next = edges.get(top.node)?.[top.next];
      top.next += 1;
      if (next === undefined) {
        state.set(top.node, 'done');
        way.pop();
      } else if (state.get(next) === 'open') {
        const from = way.findIndex(({ node }) => node === next);
        found.push([...way.slice(from).map(({ node }) => node), next]);
      } else if (!state.has(next)) {
        state.set(next, 'open');
        way.push({ node: next, next: 0 });
      }
    }
  }
  return found;
}

/** A long way round is cut in the middle. */
const shown = (circle: readonly string[]): readonly string[] =>
  circle.length > 9 ? [...circle.slice(0, 4), '…', ...circle.slice(-4)] : circle;

/** An event that is cited is held against the record, where the run is on this machine. */
function checkEvent(
  claim: Claim,
  path: Path,
  { run, seq, hash }: { run: string; seq: number; hash: string },
  { say, world }: Pick<Check, 'say' | 'world'>,
): void {
  const found = world.recordOf(run, seq);
  if (found === undefined || found === hash) return;
  if (found === 'missing')
    say(
      claim,
      [...path, 'seq'],
      `run ${run} has no event ${seq}`,
      `See its events: ringfence log show ${run}.`,
    );
  else if (found === 'broken')
    say(claim, [...path, 'run'], `the record of run ${run} is broken`, `Run: ringfence log verify ${run}.`);
  else
    say(
      claim,
      [...path, 'hash'],
      `event ${seq} of run ${run} has another hash`,
      `It has ${found}: the draft is of another record.`,
    );
}

function checkClaim(claim: Claim, { say, claimById, sourceById, unread, world }: Check): void {
  const missing = (path: Path, what: string, id: string, hint: string): void =>
    say(claim, path, `there is no ${what} ${id}`, hint);
  const listed = (
    key: 'hazards' | 'affordances' | 'contracts',
    known: ReadonlySet<string>,
    what: string,
    hint: string,
  ): void => {
    for (const [index, id] of claim[key].entries()) if (!known.has(id)) missing([key, index], what, id, hint);
  };
  for (const { path, cite } of citesOf(claim)) {
    if (cite.event !== undefined) checkEvent(claim, [...path, 'event'], cite.event, { say, world });
    if (cite.source !== undefined && !sourceById.has(cite.source) && !unread.has(cite.source))
      missing(
        [...path, 'source'],
        'source',
        cite.source,
        `Write it: ${world.folder}/sources/${cite.source}.yaml.`,
      );
  }
  listed('hazards', world.hazards, 'hazard', 'Hazards are those of contracts: ringfence explain.');
  listed('affordances', world.affordances, 'affordance', 'Entries of the catalogue: ringfence explain.');
  listed('contracts', world.contracts, 'ready contract', 'They lie in contracts/.');
  const rules = new Set(world.rules.map(({ id }) => id));
  for (const [index, id] of claim.rules.entries())
    if (!rules.has(id)) missing(['rules', index], 'rule', id, 'See which there are: ringfence rules list.');
  for (const [index, { claim: other }] of claim.related.entries()) {
    if (!claimById.has(other) && !unread.has(other))
      missing(['related', index, 'claim'], 'claim', other, 'Remove the link, or write that claim.');
    else if (other === claim.id) say(claim, ['related', index, 'claim'], 'related to itself', 'Remove it.');
  }
  const techniques = [
    ...claim.escalation.flatMap(({ techniques: ids }, step) =>
      ids.map((id, index) => ({ id, path: ['escalation', step, 'techniques', index] as Path })),
    ),
    ...claim.external.flatMap(({ scheme, id }, index) =>
      /^(ATT&CK|ATLAS)$/i.test(scheme) ? [{ id, path: ['external', index, 'id'] as Path }] : [],
    ),
  ];
  for (const { id, path } of techniques)
    if (!world.techniques.has(id))
      say(
        claim,
        path,
        TECHNIQUE.test(id)
          ? `the technique ${id} has no name in rules/techniques.txt`
          : `${id} is not the id of a technique`,
        TECHNIQUE.test(id)
          ? 'Add it there with the name that ATT&CK or ATLAS gives it.'
          : 'Write for example T1572 or AML.T0053.',
      );
  checkWithin(claim, { say, claimById, unread, world });
}

/** Links between the parts of one claim. */
function checkWithin(
  claim: Claim,
  { say, claimById, unread, world }: Pick<Check, 'say' | 'claimById' | 'unread' | 'world'>,
): void {
  const steps = new Set(claim.escalation.map(({ id }) => id));
  const targets = new Set(['claim', ...steps, ...(claim.debate?.positions ?? []).map(({ id }) => id)]);
  for (const [index, step] of claim.escalation.entries()) {
    const path = ['escalation', index];
    for (const [at, id] of (step.after ?? []).entries())
      if (!steps.has(id))
        say(
          claim,
          [...path, 'after', at],
          `there is no step ${id}`,
          `Steps of this claim: ${[...steps].join(', ')}.`,
        );
    if (step.claim !== undefined && !claimById.has(step.claim) && !unread.has(step.claim))
      say(
        claim,
        [...path, 'claim'],
        `there is no claim ${step.claim}`,
        'Remove the link, or write that claim.',
      );
    if (step.hazard !== undefined && !world.hazards.has(step.hazard))
      say(claim, [...path, 'hazard'], `there is no hazard ${step.hazard}`, 'Hazards are those of contracts.');
    if (step.affordance !== undefined && !world.affordances.has(step.affordance))
      say(
        claim,
        [...path, 'affordance'],
        `there is no affordance ${step.affordance}`,
        'Entries of the catalogue: ringfence explain.',
      );
  }
  for (const [index, { against }] of claim.counterarguments.entries())
    if (!targets.has(against))
      say(
        claim,
        ['counterarguments', index, 'against'],
        `there is no position or step ${against}`,
        `Possible: ${[...targets].join(', ')}.`,
      );
  for (const circle of circles(
    new Map(claim.escalation.map(({ id }, index) => [id, stepsBefore(claim, index)])),
  )) {
    const index = claim.escalation.findIndex(({ id }) => id === circle[0]);
    say(
      claim,
      ['escalation', index],
      `the steps go in a circle: ${shown(circle.toReversed()).join(' → ')}`,
      'Say with after what really comes first.',
    );
  }
}

export function checkReferences(check: Check): void {
  for (const claim of check.evidence.claims) checkClaim(claim, check);
  for (const how of ONE_WAY) {
    const edges = new Map(
      check.evidence.claims.map(({ id, related }) => [
        id,
        related.filter((link) => link.how === how && link.claim !== id).map((link) => link.claim),
      ]),
    );
    for (const circle of circles(edges)) {
      const claim = check.claimById.get(circle[0] as string);
      const index = claim?.related.findIndex((link) => link.how === how && link.claim === circle[1]) ?? 0;
      if (claim)
        check.say(
          claim,
          ['related', index],
          `claims go in a circle: ${shown(circle).join(` ${how} `)}`,
          'One of these links is the wrong way round, or no such link.',
        );
    }
  }
}
