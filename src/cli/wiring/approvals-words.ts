/**
 * What an operator is told about questions: what a yes opens, and why nothing was changed.
 *
 * @module
 */
import type { Finding } from '../../watch/index.ts';
import { shorten } from '../text.ts';
import type { ApprovalReply } from './approvals.ts';

/** Characters of what was found. */
const LONGEST_FOUND = 1000;

export const OPENS =
  'whatever the agent can read can be sent there (exfiltration), and it can answer with instructions (remote-control)';
const OPENS_PACKAGE =
  'the index learns exactly this request, whose name the agent chose; what comes is other people’s code, for this run alone';
/** What a yes opens, where it is not a host. */
export const OPENS_OTHER: Readonly<Record<string, string>> = {
  'packages.new': OPENS_PACKAGE,
  'tool.call':
    'this call alone, with these arguments: the server does what it does with them, outside of the cell',
  finding: 'the cell goes on, with what was found of it; no, or no answer, ends the run',
  message: 'this message alone: it is delivered, and cannot be taken back',
};
export const failed = (message: string, hint: string): ApprovalReply => ({ ok: false, message, hint });
export const OVER = failed(
  'the run is over, or its gateway is: nothing was changed',
  'see what runs: ringfence ps',
);
export const NO_TIME = failed(
  'that is no time for which an answer can hold: nothing was changed',
  'write a time of more than nothing and no more than a year, such as --for 30m, or --once, or neither for the rest of the run',
);
/** What is asked about a finding. Where it is shown its end may be cut: what was found stands first. */
export const foundWords = ({ rule, level = 'high', hazard }: Finding, found: string): string =>
  `${hazard}: ${shorten(found, LONGEST_FOUND)} — ${rule}, ${level}`;
export const notThawed = (questions: readonly number[]): ApprovalReply =>
  failed(
    `question ${questions.join(', ')} holds it: nothing was changed`,
    'see what is asked: ringfence questions; then ringfence allow, or ringfence deny',
  );
