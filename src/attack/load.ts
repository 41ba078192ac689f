/**
 * Scenarios' texts → scenarios, or every problem in them with its place.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseDocument } from '../contract/document.ts';
import { HAZARD_NAMES, type Problem } from '../contract/index.ts';
import { scenarioSchema, type WrittenScenario } from './schema.ts';
import { standInsOf } from './stand-ins/index.ts';

/** Names that belong to nobody (RFC 2606). */
const DOCUMENTED = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+example\.(com|net|org)$/;

export interface Scenario extends WrittenScenario {
  /** of the file's text and of its tools: a result is one of exactly this */
  readonly digest: string;
}

/** What a scenario may refer to; `undefined`: not known here, nothing is said about it. */
export interface World {
  readonly techniques?: ReadonlySet<string>;
  readonly claims?: ReadonlySet<string>;
  /** name → text */
  readonly tools: ReadonlyMap<string, string>;
}

export type Loaded = { ok: true; scenarios: Scenario[] } | { ok: false; problems: Problem[] };

/** Validates one text. Never throws. */
export function parseScenario(
  text: string,
  file: string,
  world: World,
): { ok: true; scenario: Scenario } | { ok: false; problems: Problem[] } {
  const parsed = parseDocument(text, file, scenarioSchema);
  if (!parsed.ok) return parsed;
  const { value, problem } = parsed;
  const problems: Problem[] = [];
  const say = (path: (string | number)[], message: string, hint: string) =>
    problems.push(problem({ path, message, hint }));
  if (basename(file) !== `${value.id}.yaml`)
    say(['id'], 'not the name of the file', `Write ${basename(file, '.yaml')}.`);
  if (!value.id.startsWith(`${value.hazard}.`))
    say(
      ['id'],
      `${value.id} does not begin with its hazard`,
      `Write ${value.hazard}.${value.id.split('.').at(-1)}.`,
    );
  value.techniques.forEach((id, index) => {
    if (world.techniques?.has(id) === false)
      say(
        ['techniques', index],
        `no technique ${id} is known`,
        'Add it to rules/techniques.txt, or write one that is there.',
      );
  });
  value.claims.forEach((id, index) => {
    if (world.claims?.has(id) === false)
      say(
        ['claims', index],
        `there is no claim ${id}`,
        'Write the name of a file in claims/, without .yaml.',
      );
  });
  value.tools.forEach((name, index) => {
    if (!world.tools.has(name))
      say(['tools', index], `there is no tool ${name}`, 'Write the name of a file in scenarios/tools.');
  });
  const hosts = new Set<string>();
  for (const [name, { host }] of Object.entries(value.standIns)) {
    const path = ['standIns', name, 'host'];
    if (!DOCUMENTED.test(host))
      say(
        path,
        `${host} could be somebody’s`,
        `Write a name below example.com, example.net or example.org: ${name}.example.com.`,
      );
    if (hosts.has(host)) say(path, `two stand-ins are called ${host}`, 'Give each a name of its own.');
    hosts.add(host);
  }
  for (const key of ['ringfence', 'name'])
    if (key in value.contract) say(['contract', key], 'is put in by the battery', 'Remove it.');
  for (const part of ['effect', 'done'] as const)
    value[part].forEach((sign, index) => {
      for (const name of standInsOf(sign))
        if (!Object.hasOwn(value.standIns, name))
          say(
            [part, index],
            `there is no stand-in ${name}`,
            `Write one of: ${Object.keys(value.standIns).join(', ') || 'none is there'}.`,
          );
    });
  if (problems.length > 0) return { ok: false, problems };
  const hash = createHash('sha256').update(text);
  for (const name of value.tools) hash.update(`\0${name}\0${world.tools.get(name)}`);
  return { ok: true, scenario: { ...value, digest: hash.digest('hex') } };
}

/** Validates files together, in the order of the hazards. */
export function joinScenarios(
  files: readonly (readonly [file: string, text: string])[],
  world: World,
): Loaded {
  const problems: Problem[] = [];
  const scenarios: Scenario[] = [];
  for (const [file, text] of files) {
    const parsed = parseScenario(text, file, world);
    if (parsed.ok) scenarios.push(parsed.scenario);
    else problems.push(...parsed.problems);
  }
  if (problems.length > 0) return { ok: false, problems };
  const rank = ({ hazard }: Scenario) => HAZARD_NAMES.indexOf(hazard);
  return {
    ok: true,
    scenarios: scenarios.sort((one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1)),
  };
}

/** The tools that lie in a folder of scenarios. */
export function readTools(folder: string): Map<string, string> {
  const tools = join(folder, 'tools');
  if (!existsSync(tools)) return new Map();
  return new Map(
    readdirSync(tools)
      .sort()
      .map((name) => [name, readFileSync(join(tools, name), 'utf8')]),
  );
}

/** Ids in `rules/techniques.txt`: the first word of each line that is no comment. */
export const techniquesIn = (text: string): Set<string> =>
  new Set(text.split('\n').flatMap((line) => (/^[A-Z]/.test(line) ? [line.split(' ')[0] as string] : [])));

/**
 * Reads a folder of scenarios as it lies in an installation, beside `rules` and `claims`.
 *
 * @throws where the folder cannot be read
 */
export function loadScenarios(root: string): Loaded {
  const folder = join(root, 'scenarios');
  const claims = join(root, 'claims');
  const techniques = join(root, 'rules', 'techniques.txt');
  const files = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => [join('scenarios', name), readFileSync(join(folder, name), 'utf8')] as const);
  return joinScenarios(files, {
    tools: readTools(folder),
    ...(existsSync(techniques) && { techniques: techniquesIn(readFileSync(techniques, 'utf8')) }),
    ...(existsSync(claims) && {
      claims: new Set(
        readdirSync(claims).flatMap((name) => (name.endsWith('.yaml') ? [basename(name, '.yaml')] : [])),
      ),
    }),
  });
}

/** Id → digest of the scenarios of an installation that can be read; the others are left out. */
export function scenarioDigests(root: string): Map<string, string> {
  const folder = join(root, 'scenarios');
  if (!existsSync(folder)) return new Map();
  const tools = readTools(folder);
  return new Map(
    readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .flatMap((name) => {
        const parsed = parseScenario(readFileSync(join(folder, name), 'utf8'), join('scenarios', name), {
          tools,
        });
        return parsed.ok ? [[parsed.scenario.id, parsed.scenario.digest] as const] : [];
      }),
  );
}
