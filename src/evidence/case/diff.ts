/**
 * What became of a case since: per hazard, and per link.
 *
 * @module
 */
import type { HazardCase, Link, SafetyCase } from './schema.ts';

export interface HazardChange {
  readonly hazard: string;
  /** `red`: it was supported, and is not any more; `green`: the other way; `changed`: neither */
  readonly became: 'red' | 'green' | 'changed';
  /** what changed, a line each */
  readonly lines: readonly string[];
}

export interface CaseDiff {
  readonly hazards: readonly HazardChange[];
  /** of the whole case and of links, a line each */
  readonly lines: readonly string[];
}

const isRed = ({ problems }: HazardCase): boolean => problems.length > 0;

function hazardLines(then: HazardCase, now: HazardCase): string[] {
  const lines: string[] = [];
  if (then.standing !== now.standing) lines.push(`was ${then.standing}, is ${now.standing}`);
  const [before, after] = [
    new Set(then.problems.map(({ text }) => text)),
    new Set(now.problems.map(({ text }) => text)),
  ];
  for (const text of after) if (!before.has(text)) lines.push(`new: ${text}`);
  for (const text of before) if (!after.has(text)) lines.push(`gone: ${text}`);
  for (const step of now.argument) {
    const old = then.argument.find(({ kind }) => kind === step.kind);
    if (old === undefined) lines.push(`new: ${step.text}`);
    else if (old.text !== step.text && step.kind !== 'effective')
      lines.push(`was: ${old.text}`, `is: ${step.text}`);
  }
  for (const old of then.argument)
    if (!now.argument.some(({ kind }) => kind === old.kind)) lines.push(`gone: ${old.text}`);
  return lines;
}

const linkWords = ({ state, sha256, made }: Link): string =>
  state === 'missing' ? 'missing' : `${state}, of ${made ?? ''} (${sha256?.slice(0, 12) ?? ''})`;

export function diffCases(then: SafetyCase, now: SafetyCase): CaseDiff {
  const hazards = now.hazards.flatMap((hazard): HazardChange[] => {
    const old = then.hazards.find((one) => one.hazard === hazard.hazard);
    if (old === undefined) return [{ hazard: hazard.hazard, became: 'changed', lines: ['was not in it'] }];
    const lines = hazardLines(old, hazard);
    const became = isRed(old) === isRed(hazard) ? 'changed' : isRed(hazard) ? 'red' : 'green';
    return lines.length === 0 ? [] : [{ hazard: hazard.hazard, became, lines }];
  });
  const lines: string[] = [];
  if (then.verdict !== now.verdict) lines.push(`the case was ${then.verdict}, is ${now.verdict}`);
  if (then.contract.name !== now.contract.name)
    lines.push(`it was about ${then.contract.name}, and is about ${now.contract.name}`);
  if (then.contract.sha256 !== now.contract.sha256)
    lines.push(
      `the contract was ${then.contract.sha256.slice(0, 12)}, is ${now.contract.sha256.slice(0, 12)}`,
    );
  for (const link of now.links) {
    const old = then.links.find(({ id }) => id === link.id);
    const [was, is] = [old && linkWords(old), linkWords(link)];
    if (was !== is) lines.push(`${link.title}: ${was === undefined ? 'new' : `was ${was}`}, is ${is}`);
  }
  for (const { id, title } of then.links)
    if (!now.links.some((link) => link.id === id)) lines.push(`${title}: not part of it any more`);
  return { hazards, lines };
}
