/**
 * A contract in plain words: what the agent may do, may not do, when it is stopped, and what each follows from.
 *
 * @module
 */
import { explainAccept } from './accept.ts';
import { takesDeclarations } from './calls.ts';
import { printable } from './escape.ts';
import { explainJudges } from './explain-judges.ts';
import { explainModelLimits, explainModels } from './explain-models.ts';
import { explainNotes } from './explain-notes.ts';
import { explainPackages } from './explain-packages.ts';
import { explainSecretLimits, explainSecrets } from './explain-secrets.ts';
import { explainTools } from './explain-tools.ts';
import { HAZARDS, type Hazard } from './hazards.ts';
import { asksForHosts, needsGateway, reachesOut } from './needs-gateway.ts';
import { type Coverage, neverCoverage } from './never.ts';
import type { Contract, NetworkRule } from './schema.ts';
import { type ContractSource, positionOf } from './source.ts';
import { terminates } from './termination.ts';
import { formatDuration, formatSize } from './units.ts';

/** One statement and the contract path it follows from. */
export interface Statement {
  text: string;
  /** contract path, for example `files.write` */
  clause: string;
  /** line of the contract; absent when the default holds */
  line?: number;
}

export interface Explanation {
  name: string;
  /** what the agent is for, when the contract says */
  task?: string;
  /** what the contract states and this version takes as information only */
  stated: Statement[];
  may: Statement[];
  mayNot: Statement[];
  /** when and how a run is ended */
  ends: Statement[];
  never: Partial<Record<Hazard, Coverage>>;
  /** what is worth a second look; not wrong */
  notes: Statement[];
}

const SPEAKS: Record<NetworkRule['protocol'], string> = {
  https: 'HTTPS only (the certificate name asked for must be this host)',
  http: 'HTTP only (unencrypted)',
  tls: 'TLS only, with anything inside',
  ssh: 'SSH only',
  postgres: 'the PostgreSQL protocol only',
  websocket: 'WebSocket only',
  tcp: 'any bytes over TCP: nothing is checked',
  udp: 'any bytes over connected UDP: nothing is checked',
};

/** What a rule says about single requests, and what follows for encryption. */
function describeRequests(contract: Contract, rule: NetworkRule): string {
  const { methods, paths, headers, body } = rule;
  const said = [
    ...(methods === undefined ? [] : [`methods ${methods.join(', ')}`]),
    ...(paths === undefined ? [] : [`paths ${paths.join(', ')}`]),
    ...(headers === undefined
      ? []
      : [headers.length === 0 ? 'no headers of its own' : `headers ${headers.join(', ')}`]),
    ...(body === undefined ? [] : [`bodies up to ${formatSize(body)}`]),
  ];
  const inside = terminates(contract, rule)
    ? '; the gateway ends TLS there and reads requests and answers'
    : '';
  return `${said.length === 0 ? '' : `; only ${said.join('; ')}`}${inside}`;
}

/** Explains a valid contract; `source` gives the lines. */
export function explainContract(contract: Contract, source: ContractSource): Explanation {
  const state = (clause: string, text: string): Statement => {
    const { position, exact } = positionOf(source, clause, 'key');
    return exact ? { text, clause, line: position.line } : { text, clause };
  };
  return {
    name: contract.name,
    ...(contract.objective.task !== undefined && { task: contract.objective.task }),
    stated: explainStated(contract, state),
    may: explainMay(contract, state),
    mayNot: explainMayNot(contract, state),
    ends: explainEnds(contract, state),
    never: neverCoverage(contract),
    notes: explainNotes(contract, state),
  };
}

/** Makes a statement: its clause, and its text. */
export type State = (clause: string, text: string) => Statement;

function explainStated(contract: Contract, state: State): Statement[] {
  const { success, hidden, feasible } = contract.objective;
  const stated: Statement[] = [];
  if (success) {
    const protect =
      success.protect.length === 0
        ? 'nothing is protected'
        : `once more with ${success.protect.join(', ')} restored to what they were`;
    stated.push(
      state(
        'objective.success',
        `success means that "${success.run}" exits with 0, in a fresh cell over the result, ${success.network ? 'with the network and secrets of this contract' : 'without network and secrets'}; ${protect}`,
      ),
    );
  }
  if (hidden)
    stated.push(
      state(
        'objective.hidden',
        `what is really wanted is that "${hidden.run}" exits with 0${hidden.files === undefined ? '' : `, with the files of ${hidden.files} laid over the result`}`,
      ),
    );
  if (feasible)
    stated.push(
      state(
        'objective.feasible',
        `${feasible.by} is a solution: ringfence check --feasible applies and grades it`,
      ),
    );
  stated.push(...explainAccept(contract, state));
  return stated;
}

function explainMay(contract: Contract, state: State): Statement[] {
  const { files, environment, compute } = contract;
  const may: Statement[] = [];
  const folder = files.workspace.path === '.' ? 'the folder of this contract' : files.workspace.path;
  may.push(
    state(
      'files.workspace',
      files.workspace.mode === 'direct'
        ? `CHANGE ${folder} ITSELF, at its real path: what it writes is there at once, unreviewed, hooks and scripts included; a snapshot is kept to roll back`
        : contract.isolation === 'landlock'
          ? `see a copy of ${folder}; the original stays as it is`
          : `see ${folder}, at its real path; changes go to a layer of their own, the original stays as it is`,
    ),
  );
  if (files.write.includes('**')) may.push(state('files.write', 'change anything in that folder'));
  else if (files.write.length > 0)
    may.push(state('files.write', `change what lies below ${files.write.join(', ')}`));
  for (const [index, path] of files.read.entries()) may.push(state(`files.read[${index}]`, `read ${path}`));
  may.push(
    contract.programs === 'any'
      ? state('programs', 'run any program that is visible inside')
      : state('programs', `run ${contract.programs.join(', ')}, and what these interpret`),
  );
  for (const [index, rule] of contract.network.entries()) {
    const budget = [
      ...(rule.bytes === undefined ? [] : [`${formatSize(rule.bytes)} in all`]),
      ...(rule.connections === undefined ? [] : [`${rule.connections} connections`]),
    ];
    const host = rule.host.startsWith('*.') ? `any name below ${rule.host.slice(2)}` : rule.host;
    may.push(
      state(
        `network[${index}]`,
        `reach ${host}, port ${rule.port}: ${SPEAKS[rule.protocol]}${describeRequests(contract, rule)}${budget.length > 0 ? `; at most ${budget.join(' and ')}` : ''}`,
      ),
    );
  }
  if (asksForHosts(contract))
    may.push(
      state(
        'oversight.approve',
        `ask you for any other public host, by resolving its name: unanswered within ${formatDuration(contract.oversight.patience)}, it is denied once`,
      ),
    );
  may.push(...explainPackages(contract, state));
  may.push(...explainModels(contract, state));
  may.push(...explainTools(contract, state));
  if (takesDeclarations(contract))
    may.push(
      state(
        'oversight.calls',
        'say which tool call it carries out: what follows is joined to that call as far as the processes fit, with less confidence than what the gateways know, and counts for no verdict',
      ),
    );
  may.push(...explainSecrets(contract, state));
  for (const [index, name] of environment.pass.entries())
    may.push(state(`environment.pass[${index}]`, `read the variable ${name} of your environment`));
  const names = Object.keys(environment.set);
  if (names.length > 0)
    may.push(state('environment.set', `read the variables ${names.join(', ')}, set here`));
  const limit = (name: 'cpus' | 'memory' | 'processes' | 'disk', text: string) =>
    may.push(
      state(
        `compute.${name}`,
        `${text}${compute[name].hard ? '; refuses to start where the kernel cannot enforce it' : ''}`,
      ),
    );
  limit('cpus', `use ${compute.cpus.max} CPU${compute.cpus.max === 1 ? '' : 's'}, or all there are if fewer`);
  limit('memory', `use ${formatSize(compute.memory.max)} of memory`);
  limit('processes', `have ${compute.processes.max} processes and threads at once`);
  limit('disk', `write ${formatSize(compute.disk.max)} in all`);
  return may;
}

function explainMayNot(contract: Contract, state: State): Statement[] {
  const { files } = contract;
  const not: Statement[] = [];
  if (!needsGateway(contract)) not.push(state('network', 'reach any network: there is none inside'));
  else if (!reachesOut(contract))
    not.push(
      state(
        'network',
        `reach any network: there is none inside but ${[
          ...(contract.packages.length > 0 ? ['the index of listed packages'] : []),
          ...(takesDeclarations(contract) ? ['where it declares tool calls'] : []),
        ].join(' and ')}, which the gateway makes`,
      ),
    );
  else
    not.push(
      state(
        'network',
        asksForHosts(contract)
          ? 'reach any host or port that neither the contract nor you allow, or speak another protocol there'
          : 'reach any other host or port, resolve any other name, or speak another protocol there',
      ),
      state(
        'resolve',
        'reach this machine’s own services, private networks or metadata addresses, unless written out above',
      ),
    );
  not.push(
    state(
      'files.read',
      'see your home, your keys or other projects: only the toolchain and what is listed above',
    ),
  );
  if (files.hide.length > 0) not.push(state('files.hide', `see ${files.hide.join(', ')}`));
  if (!files.write.includes('**'))
    not.push(
      files.write.length === 0
        ? state('files.write', 'change anything in the workspace')
        : state('files.write', 'change the rest of the workspace'),
    );
  not.push(...explainSecretLimits(contract, state));
  not.push(...explainModelLimits(contract, state));
  not.push(state('environment', 'read your other environment variables'));
  if (contract.programs !== 'any')
    not.push(state('programs', 'execute other programs (an interpreter on the list still runs any script)'));
  not.push(state('compute.gpu', 'use a GPU'));
  not.push(
    contract.isolation === 'landlock'
      ? state('isolation', 'leave the reduced isolation: Landlock, seccomp and limits, without namespaces')
      : state(
          'isolation',
          'see or signal processes outside, gain privileges, make namespaces, load kernel code',
        ),
  );
  not.push(
    state('oversight.explain', 'learn why something was denied: it sees a plain error, you see the reason'),
  );
  return not;
}

const ACTION = {
  note: 'it is noted in the record',
  freeze: 'all its processes are frozen until you decide',
  stop: 'the run is stopped (asked to end, then killed)',
  kill: 'the run is killed',
} as const;

const RESPONSE = {
  ...ACTION,
  none: 'nothing, it is in the record alone',
  alert: 'it is noted in the record and you are told at once',
  ask: 'all its processes are frozen, and you are asked whether it may go on; no, or no answer in time, ends it',
} as const;

function explainEnds(contract: Contract, state: State): Statement[] {
  const { compute, oversight } = contract;
  const hard = (value: { hard: boolean }) =>
    value.hard ? '; refuses to start where the kernel cannot enforce it' : '';
  return [
    state('compute.time', `after ${formatDuration(compute.time.max)}${hard(compute.time)}`),
    state(
      'compute.cpu-time',
      `after ${formatDuration(compute['cpu-time'].max)} of CPU time${hard(compute['cpu-time'])}`,
    ),
    state('oversight.on.budget', `when a budget runs out: ${ACTION[oversight.on.budget]}`),
    state(
      'oversight.on.violation',
      `when it breaks a network rule from inside an allowed connection: ${ACTION[oversight.on.violation]}`,
    ),
    state(
      'oversight.on.tampering',
      `when it attacks the isolation, supervisor or gateway: ${ACTION[oversight.on.tampering]}`,
    ),
    ...(['critical', 'high'] as const).map((level) =>
      state(
        `oversight.on.finding.${level}`,
        `when a rule finds something ${level}: ${RESPONSE[oversight.on.finding[level]]}`,
      ),
    ),
    state(
      'oversight.questions',
      `when it was asked about ${oversight.questions} times: what would be asked after that is denied`,
    ),
    ...(oversight.rules.length > 0
      ? [state('oversight.rules', `rules of your own judge it, too: ${oversight.rules.join(', ')}`)]
      : []),
    ...(oversight.baseline === undefined
      ? []
      : [
          state(
            'oversight.baseline',
            `when it is unlike the honest runs of ${oversight.baseline}: ${RESPONSE[oversight.on.finding.low]}`,
          ),
        ]),
    ...explainJudges(contract, state),
    state(
      'oversight.on.overload',
      `when events come faster than they can be judged: ${ACTION[oversight.on.overload]}`,
    ),
    state('oversight.on.loss', `when events are missing or a rule failed: ${ACTION[oversight.on.loss]}`),
  ];
}

/** Breaks text into lines of at most `width`, later ones indented. No-break spaces keep words together, then become spaces. */
function wrapText(text: string, first: string, rest: string, width: number): string[] {
  const lines: string[] = [];
  let line = first;
  const joined = (text: string) => text.replaceAll('\u00a0', ' ');
  for (const word of printable(text.replaceAll('\n', ' ')).split(/ +/)) {
    if (line.trim() !== '' && line !== first && line.length + 1 + word.length > width) {
      lines.push(joined(line));
      line = `${rest}${word}`;
    } else line = line === first || line === rest ? `${line}${word}` : `${line} ${word}`;
  }
  lines.push(joined(line));
  return lines;
}

/** The explanation as text of at most `width` columns where words allow it, ending with a newline. */
export function renderExplanation(explanation: Explanation, width = 100): string {
  const lines: string[] = [];
  const section = (title: string, statements: Statement[]) => {
    if (statements.length === 0) return;
    lines.push('', title);
    for (const { text, clause, line } of statements) {
      const origin = `[${line === undefined ? `default of ${clause}` : `line ${line}: ${clause}`}]`;
      lines.push(...wrapText(`${text} ${origin.replaceAll(' ', '\u00a0')}`, '  - ', '    ', width));
    }
  };
  lines.push(
    ...wrapText(
      `Contract "${explanation.name}"${explanation.task === undefined ? '' : `: ${explanation.task.trim()}`}`,
      '',
      '  ',
      width,
    ),
  );
  section('What is stated', explanation.stated);
  section('The agent may', explanation.may);
  section('The agent may not', explanation.mayNot);
  section('The run ends', explanation.ends);
  lines.push('', 'What must never happen, and what this version does about it');
  for (const state of ['prevented', 'detected', 'not covered'] as const) {
    const hazards = Object.entries(explanation.never).filter(([, coverage]) => coverage.state === state);
    if (hazards.length > 0) lines.push(`  ${state}`);
    for (const [hazard, coverage] of hazards) {
      lines.push(...wrapText(`${hazard}: ${HAZARDS[hazard as Hazard]}`, '  - ', '    ', width));
      lines.push(
        ...wrapText(
          `${state === 'not covered' ? 'because' : 'by'}: ${coverage.by}`,
          '      ',
          '      ',
          width,
        ),
      );
    }
  }
  section('Worth knowing', explanation.notes);
  return `${lines.join('\n')}\n`;
}
