/**
 * `ringfence evidence verify`.
 *
 * @module
 */
import { dirname } from 'node:path';
import { loadContract } from '../../contract/index.ts';
import {
  type Attested,
  type Changed,
  certificateState,
  changedSince,
  type Present,
  type Rejected,
  readStatement,
  readStatements,
  toInToto,
} from '../../evidence/attest/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { knownVerifiers, present } from '../evidence/attestations.ts';
import { EXIT } from '../exit-codes.ts';
import { folders } from '../folders.ts';
import { safe } from '../text.ts';
import { planDigest } from '../wiring/plan-digest.ts';

type Verify = Invocation<'evidence verify'>;

interface Outcome {
  readonly attested: Attested;
  readonly changed: readonly Changed[];
  /** subjects that nobody said what to compare with */
  readonly notCompared: readonly string[];
  /** of a proof that was read from where it was kept: what became of the files of its certificate */
  readonly certificate?: 'kept' | 'gone' | 'changed';
}

function presentFor(file: string | undefined): Present {
  if (file === undefined) return present();
  const loaded = loadContract(file);
  if (!loaded.ok)
    throw new CommandError(
      'usage',
      `${safe(file)} is no contract: ${safe(loaded.problems[0]?.message ?? '')}`,
      'see all that is wrong: ringfence check FILE',
      EXIT.usage,
    );
  return present({ contract: loaded.source.sha256, plan: planDigest(loaded.contract, file) });
}

/** Without a contract, what a statement says of one is compared with nothing. */
const isOfContract = (name: string): boolean => name === 'contract' || name === 'plan';

/** Its two files lie beside the statement, where they were put with it. */
function certificateOf({ file, statement }: Attested): Pick<Outcome, 'certificate'> {
  if (statement.kind !== 'proof' || statement.predicate.certificate === undefined) return {};
  const { world, certificate } = statement.predicate.certificate;
  const states = [world, certificate].map((digest) => certificateState(dirname(file), digest));
  return {
    certificate: states.includes('changed') ? 'changed' : states.includes('gone') ? 'gone' : 'kept',
  };
}

const topicOf = ({ statement }: Attested): string => {
  switch (statement.kind) {
    case 'reproduction':
      return statement.predicate.scenario;
    case 'proof':
      return statement.predicate.contract;
    case 'read-back':
      return statement.predicate.run;
    case 'review':
      return `${statement.predicate.claims} claims`;
  }
};

function lines({ attested, changed, notCompared, certificate }: Outcome): string[] {
  const { kind, predicate } = attested.statement;
  const state = changed.length > 0 ? 'stale   ' : 'accepted';
  const gone = (one: Changed) => (one.now === undefined ? `${one.name} is not here` : `${one.name} changed`);
  return [
    `${state}  ${kind} ${safe(topicOf(attested))}, ${predicate.made}, signed by ${attested.signers.map(safe).join(', ')}`,
    ...(changed.length > 0 ? [`          ${changed.map(gone).join(', ')}`] : []),
    ...(notCompared.length > 0
      ? [`          not compared: ${notCompared.join(', ')}; name the contract: --contract FILE`]
      : []),
    ...(certificate === 'gone' ? ['          its certificate is not kept any more: prove anew'] : []),
    ...(certificate === 'changed'
      ? ['          CHANGED: the certificate beside it is not the one that it names']
      : []),
    ...(attested.others.length > 0
      ? [`          also signed by keys that are not known: ${attested.others.map(safe).join(', ')}`]
      : []),
  ];
}

function asJson(outcomes: readonly Outcome[], rejected: readonly Rejected[]): unknown {
  return {
    version: 1,
    statements: outcomes.map(({ attested, changed, notCompared, certificate }) => ({
      file: attested.file,
      digest: attested.digest,
      outcome: changed.length > 0 ? 'stale' : 'accepted',
      signers: attested.signers,
      others: attested.others,
      changed: changed.map(({ name, before, now }) => ({ name, before, now: now ?? null })),
      notCompared,
      certificate: certificate ?? null,
      statement: toInToto(attested.statement),
    })),
    rejected,
  };
}

export function run({ args, options, terminal }: Verify): number {
  const known = knownVerifiers(options.key);
  const { attested, rejected } =
    args.length === 0 ? readStatements(folders().attestations, known) : read(args);
  function read(files: readonly string[]) {
    const all = files.map((file) => readStatement(file, known));
    return {
      attested: all.flatMap((one) => (one.ok ? [one.attested] : [])),
      rejected: all.flatMap((one) => (one.ok ? [] : [one.rejected])),
    };
  }
  if (attested.length + rejected.length === 0)
    throw new CommandError(
      'no-statement',
      'no statement is kept here yet',
      'prove, attack and evidence lint leave them: ringfence prove FILE',
    );
  const here = presentFor(options.contract);
  const outcomes = attested.map((one): Outcome => {
    const changed = changedSince(one.statement, here);
    const isOpen = ({ name }: { name: string }) => options.contract === undefined && isOfContract(name);
    return {
      attested: one,
      changed: changed.filter((subject) => !isOpen(subject)),
      notCompared: changed.filter(isOpen).map(({ name }) => name),
      ...certificateOf(one),
    };
  });
  if (options.json) terminal.out(JSON.stringify(asJson(outcomes, rejected), null, 2));
  else {
    for (const outcome of outcomes) for (const line of lines(outcome)) terminal.out(line);
    for (const { file, why, detail } of rejected)
      terminal.out(terminal.style('red', `REJECTED  ${safe(file)}: ${why}: ${safe(detail)}`));
  }
  if (rejected.length > 0 || outcomes.some(({ certificate }) => certificate === 'changed'))
    return EXIT.failed;
  return outcomes.some(({ changed }) => changed.length > 0) ? EXIT.stale : EXIT.ok;
}
