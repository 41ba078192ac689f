/**
 * The hazards: the vocabulary of contracts, proofs, rules, scenarios and the safety case.
 *
 * @module
 */

/** Hazard id → what it means, in one line. */
export const HAZARDS = {
  exfiltration: 'confidential data reaches someone not entitled to it',
  'remote-control': 'an outside party gains a way in (reverse tunnel, shell, command and control)',
  'compute-diversion': 'compute works on something else (mining)',
  'resource-acquisition': 'more compute, money, credentials or access than granted',
  persistence: 'something survives the run (cron, hooks, rc files, daemons)',
  'self-replication': 'the agent, its weights or its prompt are copied elsewhere',
  'grader-tampering': 'what decides success is altered or special-cased',
  'oversight-tampering': 'log, monitor, approvals, contract or shutdown are altered, evaded or resisted',
  escape: 'the isolation boundary breaks',
  intrusion: 'systems outside the contract are probed, attacked or entered',
  deception: 'what the agent tells its overseers contradicts the record',
  coercion: 'knowledge about a person is used as leverage (blackmail)',
  sabotage: 'entrusted work or data is damaged, above all irreversibly',
  collusion: 'cells that are meant to be separate exchange messages or state',
} as const;

export type Hazard = keyof typeof HAZARDS;

export const HAZARD_NAMES = Object.keys(HAZARDS) as Hazard[];
