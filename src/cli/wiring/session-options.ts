/**
 * What a session is made of.
 *
 * @module
 */
import type { Contract, EffectiveState, EventBody } from '../../contract/index.ts';
import type { Signer } from '../../ledger/index.ts';
import type { ProvedPlan } from '../../prove/artefacts/gate/index.ts';
import type { Finding, Setting } from '../../watch/index.ts';
import type { PendingQuestion } from './approvals.ts';
import type { ProvedGateway } from './gateway-process.ts';
import type { Judgement } from './judges/judges.ts';
import type { PreparedJudges } from './judges/prepare.ts';
import type { PackageSupply } from './packages/supply.ts';
import type { RunFolder } from './run-folder.ts';
import type { ToolSupply } from './tools/supply.ts';

export interface SessionOptions {
  folder: RunFolder;
  plan: ProvedPlan;
  contract: Contract;
  workspace: string;
  /** folders that stand for others, where the run has no mounts */
  standIns?: Setting['standIns'];
  writable: readonly string[];
  launcher: string;
  /** the gateway's, where the contract needs one */
  gateway: ProvedGateway | undefined;
  /** the home folder as it is named inside */
  home: string;
  keys: { signer: Signer; redactionKey: Uint8Array };
  /** the body of run.start but for the effective state, which only the launcher knows */
  /** indexes and copies, where the contract has packages */
  packages?: PackageSupply | undefined;
  tools?: ToolSupply | undefined;
  /** where the contract has some */
  judges?: PreparedJudges | undefined;
  start: Omit<Extract<EventBody, { kind: 'run.start' }>, 'effective' | 'kind'>;
  /** exact values that must never be recorded */
  secrets: readonly string[];
  /** the program has a terminal of its own */
  terminal: boolean;
  /** stops us, and all of our job, until the operator's shell lets it go on */
  onSuspended: () => void;
  /** called once, when the program is about to start */
  onStart: (effective: EffectiveState) => void;
  /** called when the operator is asked */
  onQuestion: (question: PendingQuestion) => void;
  /** called when something is found that the operator is to hear of at once */
  onFinding: (finding: Finding) => void;
  /** called when a judge failed, and the operator is to hear of it at once */
  onUnjudged: (judgement: Judgement) => void;
  /** called each time the cell is held for what it did, and waits until somebody decides (what is not heard of waits long): `reason` as the record has it */
  onHeld: (reason: string) => void;
}
