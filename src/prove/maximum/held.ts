/**
 * What the agent holds: programs, variables, secrets that are put in for it.
 *
 * @module
 */
import { normalize } from 'node:path';
import type { Contract, SecretRule } from '../../contract/index.ts';
import { includes, type Pattern, parseHost } from '../patterns/index.ts';
import type { ContainmentOptions, Findings } from './types.ts';

export function comparePrograms(
  { programs }: Contract,
  { programs: limit }: Contract,
  findings: Findings,
  { home, resolveProgram }: ContainmentOptions,
): void {
  if (limit === 'any' || findings.isAny('programs')) return;
  if (programs === 'any') {
    findings.add({
      clause: 'programs',
      text: 'any program may be executed',
      witness: otherProgram(limit),
      limit: 'programs',
      fix: `write programs: [${limit.join(', ')}], or fewer`,
    });
    return;
  }
  const written = (name: string) => (home === undefined ? name : name.replace(/^~(?=\/)/, home));
  const names = new Set(limit.map(written));
  const files = new Set(limit.flatMap((name) => resolveProgram?.(name) ?? []));
  for (const [index, program] of programs.entries()) {
    if (names.has(written(program))) continue;
    const found = resolveProgram?.(program);
    if (found !== undefined && found.length > 0 && found.every((file) => files.has(file))) continue;
    findings.add({
      clause: `programs[${index}]`,
      text: `${program} may be executed`,
      witness: program,
      limit: 'programs',
      fix: `remove ${program}, or name a program of the maximum: ${limit.join(', ')}`,
    });
  }
}

const otherProgram = (limit: readonly string[]): string =>
  ['sh', 'python3', 'perl', 'curl'].find((name) => !limit.some((each) => each.split('/').at(-1) === name)) ??
  'any program that is not listed';

export function compareEnvironment(
  { environment }: Contract,
  { environment: limit }: Contract,
  findings: Findings,
): void {
  if (!findings.isAny('environment.pass'))
    for (const [index, name] of environment.pass.entries())
      if (!limit.pass.includes(name))
        findings.add({
          clause: `environment.pass[${index}]`,
          text: `the value of ${name} is handed in`,
          witness: name,
          limit: 'environment.pass',
          fix: `remove ${name} from environment.pass`,
        });
  if (findings.isAny('environment.set')) return;
  for (const [name, value] of Object.entries(environment.set)) {
    // whoever lets a variable be handed in lets it have any value
    const isPassed = limit.pass.includes(name) || findings.isAny('environment.pass');
    if (isPassed || (Object.hasOwn(limit.set, name) && limit.set[name] === value)) continue;
    findings.add({
      clause: `environment.set.${name}`,
      text: `${name} is set to a value of the contract’s own`,
      witness: `${name}=${value}`,
      limit: 'environment.set',
      fix: Object.hasOwn(limit.set, name)
        ? `write ${name}: ${limit.set[name]}`
        : `remove ${name} from environment.set`,
    });
  }
}

/** A secret is where its value comes from and what requests it is put into; the name inside means nothing. */
export function compareSecrets(
  { secrets }: Contract,
  { secrets: limit }: Contract,
  findings: Findings,
): void {
  if (findings.isAny('secrets')) return;
  for (const [name, secret] of Object.entries(secrets)) {
    const clause = `secrets.${name}`;
    const known = Object.entries(limit).filter(
      ([other, each]) => sourceOf(other, each) === sourceOf(name, secret),
    );
    const same = known.filter(([, each]) => placeOf(each) === placeOf(secret));
    const [first] = known;
    if (same.length === 0) {
      findings.add({
        clause,
        text:
          first === undefined
            ? `${sourceOf(name, secret)} is put into requests to ${secret.for.join(', ')}`
            : `${sourceOf(name, secret)} is put into requests as ${placeOf(secret)}`,
        witness: `${sourceOf(name, secret)} to ${secret.for[0]}`,
        limit: first === undefined ? 'secrets' : `secrets.${first[0]}`,
        fix: first === undefined ? `remove ${clause}` : `write it as the maximum does: ${placeOf(first[1])}`,
      });
      continue;
    }
    const outer = patternsOf(same.flatMap(([, each]) => each.for));
    const inner = patternsOf(secret.for);
    const included = includes(outer, inner);
    if (inner.length < secret.for.length) findings.leave(`${clause}.for`, 'these hosts could not be read');
    else if (!included.ok) findings.leave(clause, included.message);
    else if (included.except !== undefined)
      findings.add({
        clause: `${clause}.for`,
        text: `${name} is put into requests to ${included.except}`,
        witness: included.except,
        limit: `secrets.${same[0]?.[0] ?? name}.for`,
        fix: `write for: [${same.flatMap(([, each]) => each.for).join(', ')}], or fewer`,
      });
  }
}

function sourceOf(name: string, { from }: SecretRule): string {
  if (from === undefined) return `env:${name}`;
  return from.startsWith('file:') ? `file:${normalize(from.slice('file:'.length))}` : from;
}

function placeOf({ as, name = '', user = '' }: SecretRule): string {
  if (as === 'header') return `header ${name.toLowerCase()}`;
  if (as === 'query') return `query parameter ${name}`;
  return as === 'basic' ? `basic, user ${JSON.stringify(user)}` : as;
}

function patternsOf(hosts: readonly string[]): Pattern[] {
  return hosts.flatMap((host) => {
    const parsed = parseHost(host);
    return parsed.ok ? [parsed.pattern] : [];
  });
}

/** Where both call tools, what goes to people has to be held as the maximum holds it: an entry fewer holds less. */
export function comparePeople(contract: Contract, limit: Contract, findings: Findings): void {
  if (findings.isAny('people') || contract.tools.length === 0) return;
  const held = new Set(contract.people.map((entry) => JSON.stringify(entry)));
  for (const entry of limit.people) {
    const text = JSON.stringify(entry);
    if (held.has(text)) continue;
    findings.add({
      clause: 'people',
      text: `messages by ${entry.tools.join(', ')} are not held as the maximum holds them`,
      witness: text,
      limit: 'people',
      fix: 'write the entry as it stands there',
    });
  }
}

/** An entry has to stand in the maximum as it is. */
export function compareTools(contract: Contract, limit: Contract, findings: Findings): void {
  if (findings.isAny('tools')) return;
  const known = new Set(limit.tools.map((entry) => JSON.stringify(entry)));
  for (const [index, entry] of contract.tools.entries()) {
    const text = JSON.stringify(entry);
    if (known.has(text)) continue;
    findings.add({
      clause: `tools[${index}]`,
      text: 'tools has an entry that the maximum does not have',
      witness: text,
      limit: 'tools',
      fix: `remove tools[${index}]`,
    });
  }
}
