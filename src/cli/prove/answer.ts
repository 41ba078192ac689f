/**
 * The report in the form that is wanted.
 *
 * @module
 */
import { type Report, reportJson, reportText } from '../../prove/report/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { acceptedIn, acceptedText } from './accepted.ts';
import type { LoadedRow } from './loaded.ts';
import type { Question } from './types.ts';
import { viewOf } from './view.ts';

/** A subject, and the digest of the catalogue that its report rests on: not known where verdicts are remembered, which JSON never is. */
export type Answerable = Pick<Question, 'subject' | 'format' | 'invocation'> & {
  readonly catalogue?: string;
  /** told what was answered, before it is judged; gives what people should hear of it */
  readonly onAnswer?: (answered: Answered) => string | undefined;
};

/** What a statement may say. */
export interface Answered {
  readonly subject: Question['subject'];
  readonly catalogue: string;
  /** what a run would load, where that was asked */
  readonly loaded?: readonly LoadedRow[];
}

/**
 * The hazards that are asked about: those that the contract names under `never`; all, if it names none or there is no contract.
 */
function asked({ subject: { contract, report } }: Answerable): Report {
  const named = new Set([...(contract?.never.aim ?? []), ...(contract?.never.require ?? [])]);
  if (named.size === 0) return report;
  return { ...report, verdicts: report.verdicts.filter(({ hazard }) => named.has(hazard)) };
}

function exitOf({ verdicts }: Report): number {
  if (verdicts.some(({ verdict }) => verdict === 'REFUTED')) return EXIT.failed;
  return verdicts.every(({ verdict }) => verdict === 'PROVED') ? EXIT.ok : EXIT.unknown;
}

/** What is to be said of the objective depends on what was run since: it is looked up each time. */
async function withFindings(report: Report, subject: Answerable['subject']): Promise<Report> {
  const { task, success } = subject.contract?.objective ?? {};
  if (task === undefined && success === undefined) return report;
  const { findingsOf } = await import('./feasible.ts');
  return { ...report, findings: await findingsOf(subject) };
}

/** @returns the exit code */
export async function answer(question: Answerable): Promise<number> {
  const { subject, catalogue, format, invocation } = question;
  const { terminal } = invocation;
  const report = await withFindings(asked(question), subject);
  const { certificate } = invocation.options;
  if (certificate !== undefined) {
    const { writeProof } = await import('./certificate.ts');
    terminal.err(writeProof(subject.report, certificate));
  }
  const accepted = acceptedIn(subject.contract);
  const loaded = invocation.options.loaded ? await loadedRows(subject) : undefined;
  switch (format) {
    case 'text':
      terminal.out(
        reportText(
          report,
          viewOf(subject, (colour, text) => terminal.style(colour, text)),
        ).trimEnd() + acceptedText(accepted),
      );
      if (loaded) terminal.out(loaded.text);
      break;
    case 'json': {
      const { file, sha256 } = subject;
      const all = {
        file,
        valid: true,
        sha256,
        catalogue,
        ...reportJson(report),
        ...(accepted.length > 0 && { accepted }),
        ...(loaded && { loaded: loaded.rows }),
      };
      terminal.out(JSON.stringify(all, null, 2));
      break;
    }
    case 'sarif':
    case 'graph':
    case 'dot': {
      const { inForm } = await import('./others.ts');
      terminal.out(inForm(format, report, subject));
    }
  }
  if (catalogue !== undefined) {
    const said = question.onAnswer?.({ subject, catalogue, ...(loaded && { loaded: loaded.rows }) });
    if (said !== undefined) terminal.err(`prove: ${said}`);
  }
  if (loaded?.rows.some(({ state }) => state === 'refuted')) return EXIT.failed;
  return exitOf(report);
}

async function loadedRows({ contract, file }: Answerable['subject']) {
  if (!contract)
    throw new CommandError(
      'usage',
      '--loaded is about a run of Ringfence’s own',
      'leave out --from or --loaded',
    );
  const { loadedText, provedLoads } = await import('./loaded.ts');
  const rows = await provedLoads(contract, file);
  return { rows, text: loadedText(rows) };
}
