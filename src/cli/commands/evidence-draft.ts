/**
 * `ringfence evidence draft`.
 *
 * @module
 */
import type { FindingLevel, LedgerEvent } from '../../contract/index.ts';
import { draftClaim } from '../../evidence/draft/index.ts';
import { type ChainedEvent, describeEvent, readChained } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { readWorld } from '../evidence/world.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { safe } from '../text.ts';

type Finding = Extract<LedgerEvent, { kind: 'finding' }>;

const RANK: Record<FindingLevel, number> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0 };

interface Chosen {
  event: Finding;
  hash: string;
}

/** @throws CommandError where the run has no such finding */
function choose(findings: readonly Chosen[], named: string | undefined, run: string): Chosen {
  const see = `see which there are: ringfence watch ${run}`;
  if (named === undefined) {
    const [worst] = findings.toSorted(
      (one, other) => RANK[other.event.level ?? 'low'] - RANK[one.event.level ?? 'low'],
    );
    if (!worst)
      throw new CommandError(
        'no-finding',
        `run ${run} has no finding`,
        'a claim needs something that was seen',
      );
    return worst;
  }
  if (!/^\d{1,15}$/.test(named))
    throw new CommandError('usage', `${safe(named)} is not the number of an event`, see, EXIT.usage);
  const found = findings.find(({ event }) => event.seq === Number(named));
  if (!found) throw new CommandError('no-finding', `event ${named} of run ${run} is no finding`, see);
  return found;
}

export function run({ options, terminal }: Invocation<'evidence draft'>): number {
  if (options.from === undefined)
    throw new CommandError(
      'usage',
      'from which run?',
      'write: ringfence evidence draft --from RUN',
      EXIT.usage,
    );
  const { id, ledger } = findRun(options.from);
  const findings: Chosen[] = [];
  let contract: { name: string; sha256: string } | undefined;
  for (const { event, hash } of readChained(ledger)) {
    if (event.kind === 'finding') findings.push({ event, hash });
    else if (event.kind === 'run.start')
      contract = { name: event.contract.name, sha256: event.contract.sha256 };
  }
  const { event: finding, hash } = choose(findings, options.finding, id);
  const cites = new Set(finding.cites);
  const cited: ChainedEvent[] = [];
  for (const chained of readChained(ledger)) if (cites.has(chained.event.seq)) cited.push(chained);
  const today = new Date().toISOString().slice(0, 10);
  const world = readWorld('claims', today);
  terminal.raw(
    draftClaim({
      run: id,
      finding,
      hash,
      cited: cited.map(({ event, hash: own }) => ({
        seq: event.seq,
        hash: own,
        text: `${event.kind}: ${describeEvent(event)}`,
      })),
      contract,
      knownRules: new Set(world.rules.map((rule) => rule.id)),
      knownTechniques: world.techniques,
      today,
    }),
  );
  const others = findings.filter(({ event }) => event.seq !== finding.seq).map(({ event }) => event.seq);
  if (options.finding === undefined && others.length > 0)
    terminal.err(
      `finding ${finding.seq}, the most serious; others: ${others.slice(0, 10).join(', ')}${others.length > 10 ? ' …' : ''} (--finding N)`,
    );
  return EXIT.ok;
}
