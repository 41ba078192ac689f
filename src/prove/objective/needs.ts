/**
 * Grant by grant: whether anything that is known of the objective needs it.
 *
 * @module
 */
import type { Contract, NetworkRule } from '../../contract/index.ts';
import { matchesHost, matchesPath, type Pattern, parseHost, parsePath } from '../patterns/index.ts';
import type { Evidence, Judged, NamedIn, Recorded } from './types.ts';

const MOST_FOLDERS = 6;
const MOST_PROGRAMS = 8;

/** The texts of a contract that say what it is for. */
export function namedIn({ objective: { task, success, hidden } }: Contract): NamedIn[] {
  return [
    ...(task === undefined ? [] : [{ where: 'objective.task', text: task }]),
    ...(success === undefined ? [] : [{ where: 'objective.success.run', text: success.run }]),
    ...(hidden === undefined ? [] : [{ where: 'objective.hidden.run', text: hidden.run }]),
  ];
}

/** Every grant of the contract, with what is known of the need for it. */
export function judge(contract: Contract, evidence: Evidence): Judged[] {
  const { network, files, environment, secrets, packages, oversight } = contract;
  return [
    ...(files.workspace.mode === 'direct' ? [judgeDirect(contract)] : []),
    ...files.write.map((pattern, index) => judgeWrite(pattern, index, evidence)),
    ...files.read.map((path, index) =>
      judgeUnseen(
        `files.read[${index}]`,
        `${path} may be read`,
        path,
        `remove ${path} from files.read`,
        evidence,
      ),
    ),
    judgePrograms(contract, evidence),
    ...network.map((rule, index) => judgeRule(rule, index, contract, evidence)),
    ...packages.map(({ ecosystem, from }, index) =>
      judgePackages(ecosystem, from, index, contract, evidence),
    ),
    ...Object.keys(secrets).map((name) => judgeSecret(name, contract, evidence)),
    ...environment.pass.map((name, index) =>
      judgeUnseen(
        `environment.pass[${index}]`,
        `the value of ${name} is handed in`,
        name,
        `remove ${name} from environment.pass`,
        evidence,
      ),
    ),
    ...oversight.approve.map((effect, index) => judgeAsking(effect, index, evidence)),
  ];
}

/** Where a word stands in a text by itself. */
function whereNamed(word: string, { named }: Evidence): string | undefined {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return named.find(({ text }) => new RegExp(`(?<![\\w.-])${escaped}(?![\\w-])`, 'i').test(text))?.where;
}

const unnamed = ({ named }: Evidence): string =>
  named.length === 0
    ? 'the contract states no objective'
    : `neither ${named.map(({ where }) => where).join(' nor ')} names it`;

/** Of a recording, why what it does not show may be needed all the same. */
const doubt = ({ lost }: Recorded): string | undefined =>
  lost > 0 ? `${lost} events of the run were lost` : undefined;

const GRADERS = 'graders have the network, and what they reach is not known';

/** The same of what is reached, or put into requests: a run records what the agent does, not what graders do. */
const doubtOutside = (recorded: Recorded, { objective }: Contract): string | undefined =>
  doubt(recorded) ?? (objective.success?.network ? GRADERS : undefined);

const judgeDirect = ({ objective }: Contract): Judged => ({
  clause: 'files.workspace.mode',
  grant: 'the agent changes the original itself',
  need: 'excess',
  why: `${objective.success === undefined ? '' : 'success is decided in fresh cells either way, and '}an overlay holds the same changes until they are applied`,
  fix: 'write mode: overlay, or leave it out',
});

function judgeWrite(pattern: string, index: number, { recorded }: Evidence): Judged {
  const clause = `files.write[${index}]`;
  const judged = { clause, grant: `${pattern} may be written` };
  if (recorded === undefined)
    return { ...judged, need: 'unsaid', why: 'what a run writes is known only of one that was recorded' };
  const parsed = parsePath(pattern);
  const used = parsed.ok ? recorded.written.filter((path) => matchesPath([parsed.pattern], path)) : [];
  const uncertain = doubt(recorded);
  if (uncertain !== undefined) return { ...judged, need: 'unsaid', why: uncertain };
  if (used.length === 0)
    return {
      ...judged,
      need: 'excess',
      why: `run ${recorded.run} wrote nothing there`,
      fix: `remove ${pattern} from files.write`,
    };
  const folders = foldersOf(used, pattern);
  if (folders === undefined)
    return {
      ...judged,
      need: 'needed',
      why: `run ${recorded.run} wrote ${used[0]}${used.length > 1 ? ` and ${used.length - 1} more` : ''}`,
    };
  return {
    ...judged,
    need: 'excess',
    why: `run ${recorded.run} wrote below ${folders.join(', ')} alone`,
    fix: `write ${folders.join(', ')} instead of ${pattern}`,
    keeps: folders,
  };
}

/** Folders below the pattern's own that hold all of the paths; `undefined` where there are none that are narrower. */
function foldersOf(paths: readonly string[], pattern: string): string[] | undefined {
  const base = pattern === '**' ? '' : pattern.replace(/\*\*$/, '');
  const folders = new Set<string>();
  for (const path of paths) {
    const [first, ...rest] = path.slice(base.length).split('/');
    if (first === undefined || rest.length === 0) return undefined;
    folders.add(`${base}${first}/**`);
  }
  return folders.size > MOST_FOLDERS ? undefined : [...folders].sort();
}

/** What no recording shows: reading, and looking at variables. */
function judgeUnseen(clause: string, grant: string, word: string, fix: string, evidence: Evidence): Judged {
  const where = whereNamed(word, evidence);
  if (where !== undefined) return { clause, grant, need: 'needed', why: `${where} names it` };
  if (evidence.named.length === 0) return { clause, grant, need: 'unsaid', why: unnamed(evidence) };
  return {
    clause,
    grant,
    need: 'excess',
    why: `${unnamed(evidence)}; what a run only reads is not recorded`,
    fix,
  };
}

function judgePrograms({ programs, objective }: Contract, evidence: Evidence): Judged {
  const { recorded } = evidence;
  const judged = {
    clause: 'programs',
    grant: programs === 'any' ? 'any program may be executed' : `${programs.length} programs may be executed`,
  };
  if (recorded === undefined)
    return { ...judged, need: 'unsaid', why: 'what a run executes is known only of one that was recorded' };
  if (recorded.programs.length === 0)
    return { ...judged, need: 'unsaid', why: `run ${recorded.run} recorded no program` };
  const uncertain = doubt(recorded);
  if (uncertain !== undefined) return { ...judged, need: 'unsaid', why: uncertain };
  // graders have the same list, and are recorded by their results alone
  const graders = objective.success === undefined ? '' : ', and what graders execute';
  if (programs === 'any')
    return {
      ...judged,
      need: 'excess',
      why: `run ${recorded.run} executed ${recorded.programs.length === 1 ? 'one program' : `${recorded.programs.length} programs`}${graders === '' ? '' : '; what graders execute is not in its record'}`,
      keeps: recorded.programs,
      fix:
        recorded.programs.length > MOST_PROGRAMS
          ? `write the list that ringfence learn proposes${graders}`
          : `write programs: [${recorded.programs.join(', ')}]${graders}`,
    };
  const nameOf = (path: string) => path.split('/').at(-1);
  const unused = programs.filter(
    (program) =>
      !recorded.programs.some((path) => path === program || nameOf(path) === nameOf(program)) &&
      whereNamed(nameOf(program) ?? program, evidence) === undefined,
  );
  if (unused.length === 0)
    return {
      ...judged,
      need: 'needed',
      why: `run ${recorded.run} executed each of them, or the objective names it`,
    };
  return {
    ...judged,
    need: 'excess',
    why: `run ${recorded.run} did not execute ${unused.join(', ')}${graders === '' ? '' : '; what graders execute is not in its record'}`,
    fix: `remove ${unused.join(', ')} from programs${graders === '' ? '' : ', unless graders execute them'}`,
    keeps: programs.filter((program) => !unused.includes(program)),
  };
}

function patternOf(host: string): Pattern[] {
  const parsed = parseHost(host);
  return parsed.ok ? [parsed.pattern] : [];
}

/** Hosts that the texts name, as far as words look like one. */
const hostsNamed = ({ named }: Evidence): { host: string; where: string }[] =>
  named.flatMap(({ where, text }) =>
    (text.match(/(?<![\w.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\w-])/gi) ?? []).map((host) => ({
      where,
      host: host.toLowerCase(),
    })),
  );

function judgeRule(rule: NetworkRule, index: number, contract: Contract, evidence: Evidence): Judged {
  const { host, port } = rule;
  const clause = `network[${index}]`;
  const judged = { clause, grant: `${host}:${port} is reached over ${rule.protocol}` };
  const pattern = patternOf(host);
  const { recorded } = evidence;
  const used = [
    ...new Set(
      recorded?.hosts
        .filter((each) => each.port === port && matchesHost(pattern, each.host))
        .map((each) => each.host),
    ),
  ];
  const fix = `remove ${clause} (${host}:${port})`;
  if (recorded !== undefined && used.length > 0) return judgeUsed(judged, rule, used, recorded, contract);
  const named = hostsNamed(evidence).find((each) => matchesHost(pattern, each.host));
  if (named !== undefined) return { ...judged, need: 'needed', why: `${named.where} names ${named.host}` };
  if (recorded !== undefined) {
    const uncertain = doubtOutside(recorded, contract);
    if (uncertain !== undefined) return { ...judged, need: 'unsaid', why: uncertain };
    return { ...judged, need: 'excess', why: `run ${recorded.run} did not reach it`, fix };
  }
  const { success } = contract.objective;
  if (evidence.named.length === 0) return { ...judged, need: 'unsaid', why: unnamed(evidence) };
  if (success?.network) return { ...judged, need: 'unsaid', why: GRADERS };
  const without = success === undefined ? '' : 'success is decided without a network, and ';
  return { ...judged, need: 'excess', why: `${without}${unnamed(evidence)}`, fix };
}

/** Whether a host that was reached was needed as widely as it is given. */
function judgeUsed(
  judged: { clause: string; grant: string },
  rule: NetworkRule,
  used: readonly string[],
  recorded: Recorded,
  contract: Contract,
): Judged {
  const why = `run ${recorded.run} reached ${used.join(', ')}`;
  if (doubtOutside(recorded, contract) !== undefined) return { ...judged, need: 'needed', why };
  if (rule.host.startsWith('*.') && used.length <= MOST_FOLDERS)
    return {
      ...judged,
      need: 'excess',
      why: `${why} alone`,
      fix: `write ${used.join(', ')} instead of ${rule.host}`,
      keeps: used,
    };
  const requests = recorded.requests.filter(({ host }) => used.includes(host));
  const methods = [...new Set(requests.map(({ method }) => method))].sort();
  const isWide = rule.methods === undefined || rule.methods.some((method) => !methods.includes(method));
  if (requests.length > 0 && isWide)
    return {
      ...judged,
      need: 'excess',
      why: `${why}, and sent ${methods.join(', ')} alone`,
      fix: `write methods: [${methods.join(', ')}]`,
      methods,
    };
  return { ...judged, need: 'needed', why };
}

function judgePackages(
  ecosystem: string,
  from: string,
  index: number,
  contract: Contract,
  { ecosystems, recorded }: Evidence,
): Judged {
  const clause = `packages[${index}]`;
  const judged = { clause, grant: `listed packages of ${ecosystem} come from ${from}` };
  if (recorded?.ecosystems.includes(ecosystem))
    return { ...judged, need: 'needed', why: `run ${recorded.run} asked for some` };
  if (ecosystems.includes(ecosystem))
    return { ...judged, need: 'needed', why: `the project’s own dependencies are of ${ecosystem}` };
  if (ecosystem === 'files' && recorded === undefined)
    return {
      ...judged,
      need: 'unsaid',
      why: 'what plain files are for is known only of a run that was recorded',
    };
  const uncertain = recorded && doubtOutside(recorded, contract);
  if (uncertain !== undefined) return { ...judged, need: 'unsaid', why: uncertain };
  return {
    ...judged,
    need: 'excess',
    why:
      recorded === undefined
        ? `the project has no dependencies of ${ecosystem}`
        : `run ${recorded.run} asked for none`,
    fix: `remove ${clause}`,
  };
}

function judgeSecret(name: string, contract: Contract, evidence: Evidence): Judged {
  const clause = `secrets.${name}`;
  const judged = { clause, grant: `${name} is put into requests` };
  const { recorded } = evidence;
  if (recorded?.secrets.includes(name))
    return { ...judged, need: 'needed', why: `run ${recorded.run} used it` };
  const where = whereNamed(name, evidence);
  if (where !== undefined) return { ...judged, need: 'needed', why: `${where} names it` };
  const fix = `remove ${clause}`;
  const uncertain = recorded && doubtOutside(recorded, contract);
  if (uncertain !== undefined) return { ...judged, need: 'unsaid', why: uncertain };
  if (recorded !== undefined)
    return { ...judged, need: 'excess', why: `run ${recorded.run} did not use it`, fix };
  if (evidence.named.length === 0) return { ...judged, need: 'unsaid', why: unnamed(evidence) };
  return { ...judged, need: 'excess', why: unnamed(evidence), fix };
}

function judgeAsking(effect: string, index: number, { recorded }: Evidence): Judged {
  const clause = `oversight.approve[${index}]`;
  const judged = { clause, grant: `a person may allow what ${effect} asks for` };
  if (recorded === undefined)
    return {
      ...judged,
      need: 'unsaid',
      why: 'whether anything is asked is known only of a run that was recorded',
    };
  if (recorded.asked.includes(effect)) return { ...judged, need: 'needed', why: `run ${recorded.run} asked` };
  const uncertain = doubt(recorded);
  if (uncertain !== undefined) return { ...judged, need: 'unsaid', why: uncertain };
  return {
    ...judged,
    need: 'excess',
    why: `run ${recorded.run} did not ask`,
    fix: `remove ${effect} from oversight.approve`,
  };
}
