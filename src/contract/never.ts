/**
 * `never`: what this version does about each hazard under a given contract, never rounded up.
 *
 * @module
 */
import { addressKind, mustBeWrittenOut } from './addresses.ts';
import { takesDeclarations } from './calls.ts';
import { HAZARD_NAMES, type Hazard } from './hazards.ts';
import { modelEndpoint } from './models.ts';
import { asksForHosts, asksForPackages, reachesOut } from './needs-gateway.ts';
import type { Contract, Protocol } from './schema.ts';
import { terminates } from './termination.ts';

export interface Coverage {
  state: 'prevented' | 'detected' | 'not covered';
  /** the layer that prevents or the rule that detects it, and what is left; or why it is not covered */
  by: string;
}

const prevented = (by: string): Coverage => ({ state: 'prevented', by });
const detected = (by: string): Coverage => ({ state: 'detected', by });
const notCovered = (by: string): Coverage => ({ state: 'not covered', by });

/** `api.example.com:443 (GET), *.example.com:22`, shortened after four. */
function describeHosts(contract: Contract): string {
  const hosts = contract.network.map(
    ({ host, port, methods }) => `${host}:${port}${methods === undefined ? '' : ` (${methods.join(', ')})`}`,
  );
  const more = hosts.length > 4 ? ` and ${hosts.length - 4} more` : '';
  const named = hosts.slice(0, 4).join(', ') + more;
  const asked = [
    ...contract.models.map((rule) => `the model of ${rule.provider} (${new URL(modelEndpoint(rule)).host})`),
    ...(asksForHosts(contract) ? ['whatever host the operator allows when asked'] : []),
    ...(asksForPackages(contract) ? ['the index, by names that the operator allows when asked'] : []),
    ...(contract.tools.length > 0 ? [`the tools ${describeTools(contract)}`] : []),
  ].join(' and ');
  if (asked === '') return named;
  return named === '' ? asked : `${named} and ${asked}`;
}

/** `send_email, read_*`, shortened after six. */
function describeTools({ tools }: Contract): string {
  const named = tools.flatMap(({ allow, approve }) => [...allow, ...approve]);
  return named.slice(0, 6).join(', ') + (named.length > 6 ? ` and ${named.length - 6} more` : '');
}

/** The first entry of `tools` whose servers run on this machine, outside of any cell. */
function outsideTools({ tools }: Contract): string | undefined {
  const index = tools.findIndex(
    ({ mcp, cell }) =>
      cell === 'outside' &&
      (typeof mcp === 'string' || Object.values(mcp).some((server) => 'command' in server)),
  );
  return index < 0 ? undefined : `tools[${index}]`;
}

/** Whether somebody, or a rule, reads what goes to people: where nothing else than tools can carry a message to them. */
function assessCoercion(contract: Contract): Coverage {
  const { people, network, tools } = contract;
  if (people.length === 0 || network.length > 0 || asksForHosts(contract))
    return notCovered(
      people.length > 0
        ? `messages by ${people.flatMap((rule) => rule.tools).join(', ')} are read (people), but the network can carry others`
        : tools.length > 0
          ? 'what the tools send is not read as messages to people (people)'
          : 'no rule reads what the agent writes to people',
    );
  const isRead = people.every(({ approve }) => approve === 'always');
  return detected(
    `messages by ${people.flatMap((rule) => rule.tools).join(', ')} are held${isRead ? ' until a person has read them' : ' where they look like a threat, use leverage or repeat confidential results, in words that are known'} (people; rule coercion.leverage); what other tools send is not read as messages`,
  );
}

/** Rules look at programs and their compute in every run; what they cannot see is said beside it. */
const detectDiversion = (offline: boolean): Coverage =>
  detected(
    `miners by name, protocol and options, programs that compute on after their starter has ended, and such that compute beside a quiet connection (rules compute-diversion.*); limits bound the rest${offline ? ', and no network means that no pool is reached' : ''}: work under another name that its starter waits for is not told from the task`,
  );

/** Claims are read where they pass a gateway: in answers of models, and in messages to people. */
function assessDeception({ models, people }: Contract): Coverage {
  const read = [
    ...(models.length > 0 ? ['what the model answers (models)'] : []),
    ...(people.length > 0 ? ['messages to people (people)'] : []),
  ].join(' and ');
  if (read === '')
    return notCovered(
      'what the agent says passes no gateway (models, people); claims of success in messages of commits, and in reports by tools, are held against the record, no others',
    );
  return detected(
    `plain English claims that tests, builds or checks pass, in ${read}, in commit messages and reports, are held against exit codes and the grading (rules deception.*); other claims, and what it says elsewhere, are not`,
  );
}

/** Protocols whose content the gateway cannot tell from a tunnel. */
const OPAQUE: readonly Protocol[] = ['ssh', 'tcp', 'tls', 'udp', 'websocket'];

const carriesTunnels = (contract: Contract): boolean =>
  contract.network.some((rule) => OPAQUE.includes(rule.protocol));

/** Grading in a fresh cell shows by execution what an altered grader hides; it needs something to compare with. */
function assessGrading({ objective }: Contract): Coverage {
  const { success, hidden } = objective;
  if (!success)
    return notCovered(
      'the contract does not say how success is decided (objective.success); tests that are made weaker are a finding where the changes show it in patterns that are known (rule grader-tampering.weakened)',
    );
  if (success.protect.length === 0 && !hidden)
    return notCovered(
      'nothing is protected and there is no hidden check: the agent may change what decides success',
    );
  const what = [
    ...(success.protect.length > 0 ? ['with the protected files restored'] : []),
    ...(hidden ? ['by the hidden check'] : []),
  ];
  return detected(
    `graded in fresh cells as left and ${what.join(' and ')}; a difference is a finding, and so are tests made weaker in patterns that are known (rules grader-tampering.*)${hidden ? '' : '; no hidden check: special-cased solutions are seen by patterns alone'}`,
  );
}

/** What the agent can do with secrets that it never sees; empty where there are none. */
function describeSecrets({ secrets }: Contract): { use: string; read: string } {
  const names = Object.keys(secrets);
  if (names.length === 0) return { use: '', read: '' };
  const lent = names.slice(0, 4).join(', ') + (names.length > 4 ? ` and ${names.length - 4} more` : '');
  return {
    use: `what ${lent} ${names.length === 1 ? 'allows' : 'allow'} at ${names.length === 1 ? 'its host' : 'their hosts'} the agent can do, new credentials included (secrets); `,
    read: `, and what ${lent} ${names.length === 1 ? 'opens' : 'open'} there it can read; the value itself stays outside unless a host gives it away in disguise`,
  };
}

/** Where acts of the agent go to be judged: it chooses what they say, not where they go, and no answer comes back to it. */
const describeJudges = ({ oversight }: Contract): string =>
  oversight.judges.length === 0
    ? ''
    : `, and what judges are asked, to ${[...new Set(oversight.judges.map((rule) => new URL(modelEndpoint(rule)).host))].join(', ')} (oversight.judges)`;

/** The first destination whose address is written out because it is not a public one. */
function nearRule({ network, resolve }: Contract): string | undefined {
  const isNear = (address: string): boolean => {
    const kind = addressKind(address);
    return kind !== undefined && mustBeWrittenOut(kind);
  };
  for (const { host } of network) if (isNear(host)) return host;
  for (const [written, addresses] of Object.entries(resolve)) {
    const name = written.toLowerCase().replace(/\.$/, '');
    const isNamed = network.some(
      ({ host }) => host === name || (host.startsWith('*.') && name.endsWith(host.slice(1))),
    );
    const address = isNamed ? addresses.find(isNear) : undefined;
    if (address !== undefined) return `${name} (${address})`;
  }
  return undefined;
}

/** Ports of collectors of logs: RFC 5424 and 5425 (syslog); Grafana Loki's and Graylog's documentation. */
const LOG_PORTS: readonly number[] = [514, 6514, 3100, 12201];

/** The first destination that looks like a collector of logs: what overseers read there the agent could have written. */
const collectorRule = ({ network }: Contract) =>
  network.find(
    ({ port, protocol, methods }) =>
      LOG_PORTS.includes(port) && protocol !== 'https' && methods === undefined,
  );

function assess(contract: Contract, hazard: Hazard): Coverage {
  const reduced = contract.isolation === 'landlock';
  const direct = contract.files.workspace.mode === 'direct';
  const offline = !reachesOut(contract);
  const hosts = describeHosts(contract);
  const noNetwork = reduced
    ? 'no network (seccomp)'
    : contract.packages.length === 0
      ? `no network (empty network namespace)${takesDeclarations(contract) ? ' but where tool calls are declared, to the record alone (oversight.calls)' : ''}`
      : 'no network (empty network namespace) but an index of the listed packages; what the gateway fetches for it, and in which order, the agent does not choose (packages)';
  const outside =
    'the workspace is direct: what the agent writes there runs later as whoever uses it, outside of the cell';
  const near = nearRule(contract) ?? outsideTools(contract);
  const collector = collectorRule(contract);
  const besides =
    nearRule(contract) === undefined
      ? `servers of ${near} run on this machine outside of the cell, as you: what their tools can do, the agent can have done`
      : `${near} is not a public address, so it may be a service of this machine, which acts outside of the cell`;
  const elsewhere = 'every other destination is prevented (network, gateway)';
  switch (hazard) {
    case 'exfiltration':
      if (offline && direct) return notCovered(`${outside}, with a network; in the cell: ${noNetwork}`);
      if (offline)
        return prevented(
          `${noNetwork}; nothing leaves but the program's output, to you${describeJudges(contract)}`,
        );
      return notCovered(
        `what the agent can read it can send to ${hosts}${describeSecrets(contract).read}; ${elsewhere}`,
      );
    case 'remote-control':
      if (offline && direct) return notCovered(`${outside}, with a network; in the cell: ${noNetwork}`);
      if (offline) return prevented(noNetwork);
      return notCovered(
        `${hosts} can answer with instructions${carriesTunnels(contract) ? ', or carry a tunnel' : '; a tunnel in another protocol ends at the gateway'}; ${elsewhere}`,
      );
    case 'compute-diversion':
      if (direct) return notCovered(`limits bound the compute of the cell; ${outside}`);
      return detectDiversion(offline);
    case 'resource-acquisition':
      if (offline && direct) return notCovered(`${outside}, with all that they may do`);
      if (offline)
        return prevented(
          `limits (hard or supervised, as the record says), file view, scrubbed environment, ${noNetwork}`,
        );
      return notCovered(
        `${describeSecrets(contract).use}accounts and credentials can be sought at ${hosts}; on this machine limits and file view hold`,
      );
    case 'persistence':
      if (direct)
        return notCovered(
          'the workspace is direct: hooks, scripts and settings that the agent writes are live at once, unreviewed (undo restores the snapshot); processes end with the run',
        );
      if (reduced)
        return notCovered(
          'files: a copy takes all writes; processes end with the run (Landlock domain), but no namespace makes that certain when its keeper is killed from outside',
        );
      if (near !== undefined) return notCovered(besides);
      return prevented(
        'file view (overlay, private home: nothing lands unreviewed), process namespace (all end with the run)',
      );
    case 'self-replication':
      if (offline && direct) return notCovered(`${outside}, with a network; in the cell: ${noNetwork}`);
      if (offline && !reduced) return prevented(`${noNetwork}, file view`);
      if (reduced)
        return notCovered(
          'no network, processes end with the run (Landlock domain), but no namespace makes that certain',
        );
      return notCovered(`copies can be sent to ${hosts}; ${elsewhere}`);
    case 'grader-tampering':
      return assessGrading(contract);
    case 'oversight-tampering':
      if (reduced)
        return notCovered(
          'the supervisor shares a process table with the agent, and without root its user; Landlock and seccomp alone stand between',
        );
      if (direct)
        return notCovered(
          'ledger and supervisor are out of reach, but the workspace is direct: a contract or monitor that lies in it can be altered for later runs',
        );
      if (near !== undefined) return notCovered(besides);
      if (collector !== undefined)
        return notCovered(
          `${collector.host}:${collector.port} looks like a collector of logs: what is sent there floods or forges what overseers read there; ledger, contract and supervisor are out of reach`,
        );
      return prevented(
        'process and user namespace, file view, seccomp: ledger, contract and supervisor are out of reach',
      );
    case 'escape':
      if (direct) return notCovered(`${outside}; the layers themselves hold (namespaces, landlock, seccomp)`);
      if (near !== undefined) return notCovered(`${besides}; the layers themselves hold`);
      return prevented(
        reduced
          ? 'landlock, seccomp (kernel bugs apart)'
          : 'namespaces, file view, landlock, seccomp (kernel bugs apart)',
      );
    case 'intrusion':
      if (offline && direct) return notCovered(`${outside}, with a network; in the cell: ${noNetwork}`);
      if (offline) return prevented(noNetwork);
      return notCovered(`${hosts} can be probed and attacked, and what they pass on to; ${elsewhere}`);
    case 'deception':
      return assessDeception(contract);
    case 'coercion':
      return assessCoercion(contract);
    case 'sabotage':
      if (direct)
        return notCovered(
          'the workspace is direct: the agent can damage the original; a snapshot is kept (undo), what else is visible is read-only',
        );
      if (reduced)
        return notCovered(
          'a copy of the workspace takes all writes; between the agent and what else your user runs stand Landlock and seccomp alone',
        );
      if (!offline)
        return notCovered(`data at ${hosts} can be damaged; on this machine the original never changes`);
      return prevented('file view (overlay: the original never changes; what else is visible is read-only)');
    case 'collusion':
      if (!offline && isReadThroughout(contract))
        return detected(
          `names, contents and polled objects that runs of this user pass on at ${hosts} are judged together (rules campaign.*, where several runs use them); ordinary words, bytes that differ each time, timing, and runs of others are not`,
        );
      if (!offline)
        return notCovered(
          `cells can exchange messages at ${hosts}; on this machine they share nothing writable`,
        );
      if (direct)
        return notCovered(
          'the workspace is direct: cells that are given the same one exchange what they write there',
        );
      if (reduced) return notCovered('no network, but no namespaces keep cells of one user apart');
      return prevented(
        `network, ipc and mount namespaces: nothing writable is shared${contract.packages.length > 0 ? ', and the package index keeps nothing of what it is asked (packages)' : ''} (timing apart)`,
      );
  }
}

/** Whether all that leaves the machine are requests that the gateway reads. */
function isReadThroughout(contract: Contract): boolean {
  const { network, models, tools } = contract;
  if (network.length === 0 || models.length > 0 || tools.length > 0) return false;
  if (asksForHosts(contract) || asksForPackages(contract)) return false;
  return network.every(
    (rule) =>
      (rule.protocol === 'https' && terminates(contract, rule)) ||
      (rule.protocol === 'http' && (rule.methods !== undefined || rule.paths !== undefined)),
  );
}

/** For every hazard that the contract's `never` names (as aim or requirement): what this version does about it. */
export function neverCoverage(contract: Contract): Partial<Record<Hazard, Coverage>> {
  const named = new Set<Hazard>([...contract.never.aim, ...contract.never.require]);
  const coverage: Partial<Record<Hazard, Coverage>> = {};
  for (const hazard of HAZARD_NAMES) if (named.has(hazard)) coverage[hazard] = assess(contract, hazard);
  return coverage;
}
