/**
 * Axes, evidence and certainty that do not go together, and claims that are stale.
 *
 * @module
 */

import type { Claim } from '../load.ts';
import { deriveStatus, type Status } from '../status.ts';
import type { Check } from './world.ts';

function checkAxes(claim: Claim, { say, world }: Check): void {
  const { maturity, setting, reproduction } = claim.axes;
  if (setting === 'argument' && maturity !== 'feasible')
    say(
      claim,
      ['axes', 'setting'],
      `${maturity}, but nothing was run (argument)`,
      'Write maturity: feasible, or the setting in which it was seen.',
    );
  if (maturity === 'realized' && setting !== 'real-world')
    say(
      claim,
      ['axes', 'maturity'],
      `realized, but the setting is ${setting}`,
      'Write maturity: demonstrated, or setting: real-world.',
    );
  if (claim.kind === 'theory' && maturity === 'realized')
    say(
      claim,
      ['axes', 'maturity'],
      'a theory is not realized',
      'Write maturity: feasible or demonstrated, or another kind.',
    );
  for (const [index, { path }] of reproduction.by.entries()) {
    const at = ['axes', 'reproduction', 'by', index, 'path'];
    const scenario = /^scenarios\/([^/]+)\.ya?ml$/.exec(path)?.[1];
    if (scenario !== undefined && !world.scenarios.has(scenario))
      say(claim, at, `there is no scenario ${scenario}`, 'List them: ringfence attack --list.');
    else if (scenario !== undefined && !world.scenarios.get(scenario)?.includes(claim.id))
      say(
        claim,
        at,
        `the scenario ${scenario} does not name this claim`,
        `Write ${claim.id} under claims: in ${path}, or leave it out here.`,
      );
    else if (world.hasPath && !world.hasPath(path))
      say(claim, at, `there is no ${path} in this repository`, 'Name the file or folder that runs it.');
  }
}

function checkEvidence(claim: Claim, status: Status, { say, sourceById }: Check): void {
  const sources = claim.evidence.flatMap(({ cite }) =>
    cite.source === undefined ? [] : [sourceById.get(cite.source)],
  );
  const known = sources.filter((source) => source !== undefined);
  // What is missing, or cannot be read, is told where it is; all else would follow from that alone.
  if (known.length < sources.length) return;
  const isSecondary =
    known.length === claim.evidence.length && known.every(({ tier }) => tier === 'secondary');
  const said = claim['secondary-only'] !== undefined;
  if (isSecondary && !said)
    say(
      claim,
      ['evidence'],
      'rests on secondary sources alone, and does not say so',
      'Add a primary source, or secondary-only: REASON.',
    );
  if (!isSecondary && said)
    say(claim, ['secondary-only'], 'there is a primary source among the evidence', 'Remove the line.');
  const { level } = claim.axes.certainty;
  if (level !== status.certainty.level)
    say(
      claim,
      ['axes', 'certainty', 'level'],
      `the rules give ${status.certainty.level}, not ${level}`,
      `${status.certainty.steps.map(({ by, text }) => (by === 0 ? text : `${by > 0 ? '+' : '-'}${Math.abs(by)} ${text}`)).join('; ')}.`,
    );
  if (status.evidence === 'unsupported')
    say(claim, ['evidence'], 'none of the evidence stands', 'Cite a source that was not withdrawn.');
  const last = claim.verification.length - 1;
  const how = claim.verification[last]?.how;
  const unread = known.filter(({ checked }) => checked.how === 'not-re-read' || checked.how === 'abstract');
  if (how === 'sources-read' && unread.length > 0)
    say(
      claim,
      ['verification', last, 'how'],
      `sources-read, but ${unread.map(({ id }) => id).join(', ')} ${unread.length === 1 ? 'was' : 'were'} not read`,
      'Write sources-read-in-part, or form-only.',
    );
  if (
    how === 'sources-read-in-part' &&
    known.length > 0 &&
    known.every(({ checked }) => checked.how === 'not-re-read')
  )
    say(
      claim,
      ['verification', last, 'how'],
      'sources-read-in-part, but none of what it rests on was read',
      'Write form-only.',
    );
}

export function checkStatus(check: Check): void {
  for (const claim of check.settled) {
    const status = deriveStatus(claim, (id) => check.sourceById.get(id), check.world.today);
    checkAxes(claim, check);
    checkEvidence(claim, status, check);
    for (const { text } of status.reasons.filter(({ rule }) => rule === 'stale'))
      check.say(
        claim,
        ['verification'],
        `stale: ${text}`,
        'Read the sources again, and add an entry under verification.',
      );
    if (claim.verification.length === 0)
      check.say(claim, [], 'nobody has verified it', 'Add verification: [{ on, by, how }].');
  }
}

/** The same text entered twice. */
export function checkTwins({ evidence, say }: Check): void {
  const seen = new Map<string, string>();
  for (const source of evidence.sources) {
    const { arxiv, doi, isbn } = source.identifiers;
    const keys = [
      source.url?.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, ''),
      arxiv && `arxiv ${arxiv}`,
      doi && `doi ${doi}`,
      isbn && `isbn ${isbn}`,
    ];
    for (const key of keys.filter((one) => one !== undefined)) {
      const first = seen.get(key);
      if (first !== undefined && first !== source.id)
        say(source, ['id'], `the same text as ${first}`, 'Keep one of the two, and cite it.');
      else seen.set(key, source.id);
    }
  }
}
