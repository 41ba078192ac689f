/**
 * `run --dry-run`: the plan of a run for people. Everything is prepared as for a run, shown, and removed again.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import type { AppliedLimit } from '../cell/plan/index.ts';
import {
  asksForHosts,
  type Contract,
  formatDuration,
  formatSize,
  needsGateway,
  type Plan,
  type PlanOp,
  takesDeclarations,
} from '../contract/index.ts';
import { commandLine, safe } from './text.ts';

export interface PreparedRun {
  contract: Contract;
  /** of the contract */
  path: string;
  plan: Plan;
  workspace: string;
  limits: Record<string, AppliedLimit>;
  /** takes what must not be shown out of a text */
  redact: (text: string) => string;
}

type Named<Name extends PlanOp[0]> = Extract<PlanOp, [Name, ...unknown[]]>;

const COLUMNS = 100;
const INDENT = ' '.repeat(16);

/** A label, and words after it in as many lines as they need. */
function block(label: string, words: readonly string[]): string[] {
  const lines: string[] = [];
  const first = `  ${label}`.padEnd(INDENT.length);
  let line = first;
  for (const word of words.length === 0 ? ['none'] : words) {
    if (line.length + word.length > COLUMNS && line !== first && line !== INDENT) {
      lines.push(line.trimEnd());
      line = INDENT;
    }
    line += `${word}  `;
  }
  return [...lines, line.trimEnd()];
}

const LIMIT_UNITS: Record<string, (value: number) => string> = {
  memory: formatSize,
  disk: formatSize,
  time: formatDuration,
  'cpu-time': formatDuration,
};

/** The plan in words: what is where, what may be written, what limits, what gets out, what starts. */
export function planLines({ contract, path, plan, workspace, limits, redact }: PreparedRun): string[] {
  const of = <Name extends PlanOp[0]>(name: Name) =>
    plan.filter((operation): operation is Named<Name> => operation[0] === name);
  const shown = (text: string) => safe(redact(text));
  const section = (title: string, ...blocks: string[][]) => ['', title, ...blocks.flat()];
  const words = of('arg').map(([, word]) => word.slice(1));
  const [identity] = of('identity');
  const [cwd] = of('cwd');
  const isReadOnly = (flags: string) => flags.split(',').includes('ro');
  const binds = of('bind').filter(([, , target]) => !target.startsWith('/dev/'));
  const [filter] = of('seccomp');
  const [refused] = of('refused');
  const gateway = needsGateway(contract);
  const handled = of('landlock').map(([, rights]) => rights)[0];
  const allowed = of('allow');
  const processes = ['supervisor', 'init', 'warden', 'the program', ...(gateway ? ['gateway'] : [])];
  return [
    `nothing ran. Under contract ${safe(contract.name)} (${safe(path)}) this would:`,
    ...section(
      'starts',
      block('program', [shown(commandLine(words))]),
      block('in', [safe(cwd?.[1] ?? '/')]),
      block('as', [`uid ${identity?.[1]} inside, uid ${identity?.[3]} outside, no capability`]),
      block('processes', processes),
    ),
    ...section(
      'what it sees',
      block('workspace', [
        contract.isolation === 'landlock'
          ? `${safe(workspace)} as a copy`
          : contract.files.workspace.mode === 'direct'
            ? `${safe(workspace)} itself (direct): it is changed at once; a snapshot is kept`
            : `${safe(workspace)} as an overlay; the original stays as it is`,
      ]),
      block(
        'of the host',
        [
          ...binds.filter(([, , , flags]) => isReadOnly(flags)).map(([, , target]) => safe(target)),
          ...of('layer').map(([, , target]) => safe(target)),
        ].concat(binds.length > 0 ? ['(read-only)'] : []),
      ),
      block(
        'of its own',
        [...of('tmpfs'), ...of('proc')].map(([, target]) => safe(target)),
      ),
      block(
        'made files',
        of('file').map(([, file]) => safe(file)),
      ),
      block(
        'covered',
        of('mask').map(([, file]) => safe(file)),
      ),
    ),
    ...section(
      'what it may do there (Landlock)',
      block(
        'write below',
        allowed.filter(([, , rights]) => rights.includes('write')).map(([, folder]) => safe(folder)),
      ),
      block(
        'execute',
        handled?.includes('execute')
          ? allowed.filter(([, , rights]) => rights.includes('execute')).map(([, file]) => safe(file))
          : ['anything that it sees'],
      ),
    ),
    ...section(
      'limits',
      ...Object.entries(limits).map(([name, { max, by, how }]) =>
        block(name, [`${(LIMIT_UNITS[name] ?? String)(max)}: ${by}, ${how}`]),
      ),
    ),
    ...section(
      'environment (names)',
      block(
        '',
        of('env').map(([, entry]) => safe(entry.split('=')[0] ?? '')),
      ),
    ),
    ...section('network', ...network(contract)),
    ...section(
      'secrets, packages',
      block(
        'secrets',
        Object.entries(contract.secrets).map(
          ([name, rule]) =>
            `${safe(name)} (${rule.as}) for ${safe(rule.for.join(', '))}, put in by the gateway`,
        ),
      ),
      block(
        'packages',
        contract.packages.map(
          ({ ecosystem, from, only }) =>
            `${ecosystem} from ${safe(from)}: ${safe(typeof only === 'string' ? only : only.join(', '))}`,
        ),
      ),
    ),
    ...section(
      'system calls',
      block('filter', [
        `${(filter?.[1].length ?? 0) / 16} instructions; ${(refused?.[1] ?? '').split(',').filter((entry) => entry !== '').length} calls are refused and recorded`,
      ]),
    ),
  ];
}

function network(contract: Contract): string[][] {
  if (!needsGateway(contract)) return [block('none', ['an empty network namespace; no name resolves'])];
  const rules = contract.network.map((rule) => {
    const { host, port, protocol, methods, paths } = rule;
    const inside = [...(methods ? [methods.join(' ')] : []), ...(paths ? [paths.join(' ')] : [])];
    return block('reaches', [`${safe(host)}:${port} ${protocol}`, ...inside.map(safe)]);
  });
  const asked = asksForHosts(contract)
    ? [
        block('asks for', [
          `any other public host; unanswered within ${formatDuration(contract.oversight.patience)} it is denied once`,
        ]),
      ]
    : [];
  const declares = takesDeclarations(contract)
    ? [block('declares', ['its tool calls, to the gateway, which records them'])]
    : [];
  return [...rules, ...asked, ...declares, block('by', ['the gateway alone; DNS is 127.0.0.1:53 inside'])];
}

/**
 * Shows a prepared run, or writes its plan as JSON: `{ version, contract, workspace, limits, plan }`.
 *
 * @param file where the JSON goes; absent: lines for people
 */
export function showPlan(prepared: PreparedRun, file: string | undefined, say: (line: string) => void): void {
  if (file === undefined) {
    for (const line of planLines(prepared)) say(line);
    return;
  }
  const { contract, path, workspace, limits, redact } = prepared;
  const plan = prepared.plan.map((operation) =>
    operation[0] === 'env' || operation[0] === 'arg' ? [operation[0], redact(operation[1])] : operation,
  );
  const whole = { version: 1, contract: { name: contract.name, path }, workspace, limits, plan };
  const text = JSON.stringify(whole, null, 2);
  if (file === '-') say(text);
  else writeFileSync(file, `${text}\n`);
}
