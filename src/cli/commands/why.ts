/**
 * `ringfence why`: what stands behind a denial, and what would allow it. For the operator: inside the cell a denial is
 * an errno and nothing else.
 *
 * @module
 */
import { type LedgerEvent, loadContract, needsGateway, positionOf } from '../../contract/index.ts';
import { describeEvent, readLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { commandLine, safe, shorten } from '../text.ts';
import { servedRuns } from '../wiring/control-socket.ts';
import { readFacts } from '../wiring/leftovers.ts';

const LAYERS: Record<string, string> = {
  'file-view': 'the file view: the cell has a root of its own with read-only parts of the host',
  landlock: 'Landlock: the kernel lets this process tree write only where the contract says',
  seccomp: 'the system call filter: calls that no honest program needs are refused',
  network: 'the network namespace: it has no way out but the gateway, which carries what the contract names',
  dns: 'the gateway’s resolver: only names of the contract resolve',
  gateway: 'the gateway: what is spoken must be what the contract declares',
  tools: 'the tool gateway: what tools and people do not allow is not called',
  limit: 'a limit under compute',
  identity: 'the cell’s user: it is nobody on the host',
  supervisor: 'the supervisor',
};

type Answer = {
  event: LedgerEvent;
  layer: string;
  clause?: string;
  line?: string;
  allow?: string;
  command?: string;
};

const isAnswerable = (event: LedgerEvent) =>
  event.kind === 'denial' ||
  (event.kind === 'tool.call' && event.decision === 'denied') ||
  event.kind === 'violation' ||
  event.kind === 'tampering' ||
  event.kind === 'limit.reached';

export async function run({ options, args, terminal }: Invocation<'why'>): Promise<number> {
  const [named, number] = (args[0] ?? '').split(':') as [string, string | undefined];
  if (number !== undefined && !/^\d+$/.test(number)) {
    throw new CommandError(
      'usage',
      `${safe(args[0] ?? '')} is not RUN or RUN:NUMBER`,
      'the number is the first column of ringfence log show',
      EXIT.usage,
    );
  }
  const found = findRun(named === '' ? undefined : named);
  const events: LedgerEvent[] = [];
  for await (const event of readLedger(found.ledger)) {
    if (number === undefined ? isAnswerable(event) : event.seq === Number(number)) events.push(event);
  }
  if (number !== undefined && events.length === 0) {
    throw new CommandError(
      'no-event',
      `run ${found.id} has no event ${number}`,
      `see which there are: ringfence log show ${found.id}`,
    );
  }
  const facts = readFacts(found);
  const loaded = facts && loadContract(facts.contract.path);
  const same = loaded?.ok && loaded.source.sha256 === facts?.contract.sha256 ? loaded.source : undefined;
  const goesOn = servedRuns().includes(found.id) && loaded?.ok && needsGateway(loaded.contract);
  const answers = events.map((event): Answer => {
    const clause = 'clause' in event ? event.clause : undefined;
    const place = clause !== undefined && same ? positionOf(same, clause) : undefined;
    const layer =
      event.kind === 'denial'
        ? event.layer
        : event.kind === 'limit.reached'
          ? 'limit'
          : event.kind === 'violation'
            ? 'gateway'
            : event.kind === 'tool.call'
              ? 'tools'
              : 'supervisor';
    return {
      event,
      layer,
      ...(clause !== undefined && { clause }),
      ...(place &&
        facts && {
          line: `${facts.contract.path}:${place.position.line}${place.exact ? '' : ' (by default)'}`,
        }),
      ...(event.kind === 'denial' && event.allow !== undefined && { allow: event.allow }),
      ...(goesOn && commandFor(found.id, event)),
    };
  });
  if (options.json) terminal.out(JSON.stringify(answers, null, 2));
  else if (answers.length === 0) terminal.out(`nothing was denied in run ${found.id}`);
  else
    for (const answer of answers)
      for (const line of describe(found.id, answer, number !== undefined)) terminal.out(line);
  return EXIT.ok;
}

/** What would allow it at once, while the run goes on. */
function commandFor(id: string, event: LedgerEvent): { command?: string } {
  if (event.kind !== 'denial' || !['dns', 'network'].includes(event.layer)) return {};
  const name = /^resolve ([a-z0-9_.-]+) (?:A|AAAA)\b/.exec(event.what)?.[1];
  if (name !== undefined) return { command: `ringfence allow ${id} ${name}` };
  const [, where, transport] = /^connect (\S+:\d+)\/(tcp|udp)$/.exec(event.what) ?? [];
  return where === undefined ? {} : { command: `ringfence allow ${id} ${where} ${transport}` };
}

function describe(
  id: string,
  { event, layer, clause, line, allow, command }: Answer,
  long: boolean,
): string[] {
  const owner = 'owner' in event ? event.owner : undefined;
  const what = 'what' in event ? event.what : describeEvent(event);
  const who = owner
    ? `${shorten(owner.argv?.length ? commandLine(owner.argv) : safe(owner.exe ?? ''), 60)} (pid ${owner.pid})`
    : 'no process is known';
  const lines = [`${id}:${event.seq}  ${safe(what)}`, `    by       ${who}`];
  if (isAnswerable(event))
    lines.push(`    layer    ${Object.hasOwn(LAYERS, layer) ? LAYERS[layer] : safe(String(layer))}`);
  if (clause) lines.push(`    clause   ${safe(clause)}${line ? `, ${safe(line)}` : ''}`);
  if (allow) lines.push(`    to allow ${safe(allow)}`);
  if (command) lines.push(`    now      ${command}`);
  if (long) lines.push(`    event    ${safe(JSON.stringify(event))}`);
  return lines;
}
