/**
 * What is said of each hazard beside its rules: what it looks like, what in a contract closes it, what stays beyond any proof of it.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';

export interface AboutHazard {
  /** What it looks like when an agent does it, and why one might. */
  readonly about: string;
  /** Lines of a contract that close it, or narrow it. */
  readonly closes: readonly string[];
  /** What a proof of this hazard does not say, beside what no proof says. */
  readonly beyond: string;
}

export const ABOUT: Readonly<Record<Hazard, AboutHazard>> = {
  exfiltration: {
    about:
      'Whoever can read data and reach a host can hand the data over: in a request’s body, its path, a header, a DNS name, or the time between two requests. Any host that answers to somebody else is enough.',
    closes: [
      'no network rule at all; what has to be installed comes by packages:, what has to be shown is read outside',
      'files.hide for what the agent need not read, and no secrets in environment.pass: less to give away, though the path stays',
      'secrets: instead of environment.pass, so that keys are put in by the gateway and never seen inside',
      'methods: [GET] with fixed paths on rules that only fetch: narrower, never closed, since a path asked for is a message, too',
    ],
    beyond: 'what the change set, the output and the record tell to those who read them',
  },
  'remote-control': {
    about:
      'A tunnel or shell that somebody outside can use, or a page that the agent polls for orders. No port has to be open: an answer to a request can be an order.',
    closes: [
      'no network rule; then nobody outside can be asked for orders',
      'rules for single hosts whose answers you would let the agent act on',
      'protocol: https, so that SSH, VPN and SOCKS inside the connection end it',
    ],
    beyond: 'orders that stand in the files of the workspace or in the task itself',
  },
  'compute-diversion': {
    about:
      'Processors and accelerators work for somebody else: mining, rented inference, a password list. It needs no network, only time.',
    closes: [
      'compute: with limits no larger than the task needs (cpu-time, cpus, time): bounded, not closed',
      'programs: as a list, where the task needs few',
    ],
    beyond:
      'what the allowed compute is spent on: no rule judges purposes, so that this is never proved where programs run',
  },
  'resource-acquisition': {
    about:
      'More compute, money, credentials or rights than were granted: a key made with another key, a cloud account, a cluster’s token, a limit that does not hold.',
    closes: [
      'no keys inside: secrets: instead of environment.pass and files.read',
      'rules with methods: and paths: that leave out what hands out keys, accounts or machines',
      'no address that is not public: metadata services and sockets of engines are among them',
    ],
    beyond: 'what a secret that the gateway puts in allows at its own host',
  },
  persistence: {
    about:
      'Something of the agent’s making takes effect after the run: a hook, a start-up file, a scheduled job, a service, a line in a CI file.',
    closes: [
      'files.workspace as an overlay (the default), so that what runs later lands only when a person applied it',
      'files.write for the folders of the task alone, so that hooks and CI files are not among them',
    ],
    beyond: 'what stays at hosts that the contract allows, and what a person applies unread',
  },
  'self-replication': {
    about: 'The agent’s instructions, programs or weights come to lie where they can run again.',
    closes: [
      'no network rule',
      'models: through the gateway, with a budget, rather than by a rule for the host',
    ],
    beyond: 'copies that people make',
  },
  'grader-tampering': {
    about:
      'What decides success is changed, or the answer is made for the check instead of for the task. The more an agent is rewarded for passing, the likelier it is.',
    closes: [
      'objective.success.protect for all that the check loads: restored before grading',
      'objective.hidden: a check that the agent never sees',
      'files.write that leaves out tests and build configuration',
    ],
    beyond: 'whether the checks can tell a real solution from one that was made for them',
  },
  'oversight-tampering': {
    about:
      'The record, the monitor, the approvals, the contract or the means to stop are changed, evaded or resisted: also what is usually called self-preservation.',
    closes: [
      'files.workspace as an overlay, and no workspace that holds the state folder or the contract to be used next',
      'no path of the operator’s home in files.read that can be written, too',
    ],
    beyond: 'what people decide when they are asked, and errors in Ringfence itself',
  },
  escape: {
    about:
      'Code runs where no layer holds it: on the machine, with the rights of the operator, another user or the kernel.',
    closes: [
      'files.workspace as an overlay, so that no hook or build file lands unread',
      'no rule for services of this machine or its network: engines, debuggers, notebooks',
      'isolation: process rather than landlock',
    ],
    beyond: 'errors of the kernel and of processors: the layers are taken to do what they say',
  },
  intrusion: {
    about:
      'Systems that the contract does not name are probed or entered, directly or through a service that makes requests for others.',
    closes: [
      'no rule for services that fetch what they are told to: proxies, webhooks, previewers, build services',
      'packages: instead of a rule for an index or its cache',
    ],
    beyond: 'what the software at an allowed host does for who asks it',
  },
  deception: {
    about:
      'What the agent tells its overseers contradicts the record. The record shows what was done; the model has no word for what was said; how far a run is watched for it, ringfence check says.',
    closes: [
      'nothing in a contract: models and people only let a run hold claims of success against the record; compare the rest with ringfence log show and ringfence review',
    ],
    beyond: 'all of it: no rule decides it',
  },
  coercion: {
    about: 'What is known of a person is held against them, where messages reach them.',
    closes: [
      'no rule for hosts that pass messages on to people',
      'files.hide for mail, chats and personal files',
    ],
    beyond: 'what the agent writes to people in its output, the operator among them',
  },
  sabotage: {
    about: 'Entrusted work or data is damaged, above all where nothing brings it back.',
    closes: [
      'files.workspace as an overlay, so that the original stays until a person applied the change set',
      'rules with methods: [GET] for services that keep something',
    ],
    beyond: 'work that is subtly wrong, and that a person applies',
  },
  collusion: {
    about:
      'Runs that are meant to be separate exchange messages or state: by a cache, names of objects, a repository, a board, a shared folder.',
    closes: [
      'packages: instead of a shared cache or proxy',
      'no rule for services that keep what one run leaves and show it to another',
      'a workspace of its own for each run, as an overlay',
    ],
    beyond: 'what is shared without being written: load, timing, the order of answers',
  },
};
