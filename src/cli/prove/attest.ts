/**
 * The statement that a proof leaves behind.
 *
 * @module
 */
import {
  type AnyStatement,
  keepCertificate,
  LOADING,
  type Predicate,
  provedFrom,
} from '../../evidence/attest/index.ts';
import { certificateFile, worldFile } from '../../prove/certificate/index.ts';
import type { Verdict } from '../../prove/report/index.ts';
import { keep, present } from '../evidence/attestations.ts';
import { ensureFolder, folders } from '../folders.ts';
import { VERSION } from '../installation.ts';
import { safe } from '../text.ts';
import { planDigest } from '../wiring/plan-digest.ts';
import type { Answered } from './answer.ts';

type ToldVerdict = Predicate<'proof'>['verdicts'][number];

function told(verdict: Verdict): ToldVerdict {
  const { hazard } = verdict;
  switch (verdict.verdict) {
    case 'PROVED':
      return {
        hazard,
        verdict: 'PROVED',
        rests: verdict.rests.map(({ name, text }) => ({ name, text })),
      };
    case 'REFUTED':
      return {
        hazard,
        verdict: 'REFUTED',
        steps: verdict.steps.map(({ number, text, why, by, from }) => ({
          number,
          text,
          ...(why !== undefined && { why }),
          by,
          from: [...from],
        })),
        ...(verdict.closed && { closes: [...verdict.closed.changes] }),
      };
    case 'UNKNOWN':
      return { hazard, verdict: 'UNKNOWN', reasons: verdict.reasons.map(({ text }) => text) };
  }
}

/**
 * Signs and keeps a statement about a contract's file.
 *
 * @returns what people should hear: why there is none
 */
export function attestProof({ subject, catalogue, loaded }: Answered): string | undefined {
  const { contract, file, sha256, report } = subject;
  if (contract === undefined || file === '-') return undefined;
  try {
    const plan = loaded === undefined ? undefined : planDigest(contract, file);
    const here = present({ contract: sha256, plan });
    const replayed = report.verdicts.flatMap((verdict) =>
      verdict.verdict === 'REFUTED' && verdict.replay ? [{ hazard: verdict.hazard, ...verdict.replay }] : [],
    );
    const folder = ensureFolder(folders().attestations);
    const statement: AnyStatement = {
      kind: 'proof',
      subjects: here.subjects([
        ...provedFrom(here),
        ...(loaded === undefined ? [] : LOADING.filter((name) => name !== 'plan' || plan !== undefined)),
      ]),
      predicate: {
        made: new Date().toISOString(),
        ringfence: VERSION,
        contract: contract.name,
        model: report.model,
        catalogue,
        verdicts: report.verdicts.map(told),
        ...(report.proof && {
          certificate: {
            world: keepCertificate(folder, worldFile(report.proof.world)),
            certificate: keepCertificate(folder, certificateFile(report.proof.certificate)),
          },
        }),
        ...(loaded && { artefacts: loaded.map(({ artefact, state, text }) => ({ artefact, state, text })) }),
        ...(replayed.length > 0 && { replayed }),
      },
    };
    keep(statement);
    return undefined;
  } catch (error) {
    return `no statement could be kept: ${safe(error instanceof Error ? error.message : String(error))}`;
  }
}
