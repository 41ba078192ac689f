/**
 * From a finding of a run to a proposed claim. What it says is what the record says; what it means is for people to write.
 * Names and texts of a finding were chosen by what ran: they become plain visible text, and YAML strings.
 *
 * @module
 */
import { stringify } from 'yaml';
import { type Hazard, type LedgerEvent, printable } from '../../contract/index.ts';
import { deriveCertainty } from '../certainty.ts';
import type { CATEGORIES } from '../words.ts';

type Finding = Extract<LedgerEvent, { kind: 'finding' }>;

/** An event as a source: its number, the hash of its record, what it says. */
export interface CitedEvent {
  seq: number;
  /** SHA-256 of its record in the chain, lower-case hex */
  hash: string;
  /** one line */
  text: string;
}

export interface DraftInput {
  run: string;
  /** the event that is the finding */
  finding: Finding;
  /** hash of its record */
  hash: string;
  /** the events that the finding cites, in order */
  cited: readonly CitedEvent[];
  /** name and SHA-256 of the run's contract, where its start is on record */
  contract: { name: string; sha256: string } | undefined;
  /** ids of rules that claims may name */
  knownRules: ReadonlySet<string>;
  /** ids of techniques that have a name */
  knownTechniques: ReadonlySet<string>;
  /** `YYYY-MM-DD` */
  today: string;
}

const CATEGORY: Record<Hazard, keyof typeof CATEGORIES> = {
  exfiltration: 'containment',
  'remote-control': 'containment',
  'compute-diversion': 'resource-acquisition',
  'resource-acquisition': 'resource-acquisition',
  persistence: 'containment',
  'self-replication': 'replication',
  'grader-tampering': 'specification-gaming',
  'oversight-tampering': 'oversight',
  escape: 'containment',
  intrusion: 'intrusion',
  deception: 'deception',
  coercion: 'coercion',
  sabotage: 'sabotage',
  collusion: 'collusion',
};

/** So many events are cited at most: the rest is in the record. */
const MOST = 20;
/** Characters of a text that something inside chose. */
const LONGEST = 300;

/** One line of visible text, cut; never empty. */
function plain(text: string): string {
  const visible = printable(text.replace(/\s+/g, ' ')).trim();
  const characters = [...(visible === '' ? '(no text)' : visible)];
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`;
}

/** Id of the draft, and with `.yaml` its file. The number comes first, so that a long id of a run cannot push it out. */
export const draftId = (run: string, seq: number): string =>
  `finding-${seq}-of-${run}`
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 64);

/** The text of a claim's file that passes the schema, marked as a draft. */
export function draftClaim(input: DraftInput): string {
  const { run, finding, hash, cited, contract, today } = input;
  const { hazard, rule, seq } = finding;
  const text = plain(finding.text);
  const told = { event: { run, seq, hash } };
  const cites = cited.slice(0, MOST).map((event) => ({ event: { run, seq: event.seq, hash: event.hash } }));
  const certainty = {
    design: 'records' as const,
    down: [{ by: 1 as const, because: 'imprecision', text: 'One finding of one run.' }],
    up: [],
  };
  const { level } = deriveCertainty({
    ...certainty,
    sourcing: 'reported',
    counterarguments: [],
    hasPrimary: true,
  });
  const under = contract ? ` under the contract ${plain(contract.name)} (SHA-256 ${contract.sha256})` : '';
  const left =
    cited.length > MOST ? ` The finding cites ${cited.length} events; the first ${MOST} are given.` : '';
  const claim = {
    claim: 1,
    id: draftId(run, seq),
    draft: true,
    title: `Draft: ${hazard} in run ${run}`,
    kind: 'incident',
    category: CATEGORY[hazard],
    statement: `In run ${run} the rule ${plain(rule)} found ${hazard}: ${text}`,
    narrative: [
      {
        text: `The finding was recorded at ${finding.time}${under}, with level ${finding.level ?? 'not given'}${finding.response === undefined ? '' : `; the response was ${finding.response}`}.${left}`,
        cites: [told],
      },
    ],
    evidence: [
      { shows: `The finding: ${text}`, cite: told },
      ...cited.slice(0, MOST).map((event, index) => ({ shows: plain(event.text), cite: cites[index] })),
    ],
    axes: {
      maturity: 'demonstrated',
      setting: 'controlled',
      sourcing: 'reported',
      attribution: {
        to: 'unknown',
        text: 'Nobody has looked yet whether task, prompt or set-up asked for it.',
      },
      reproduction: { level: 'none' },
      certainty: { level, ...certainty },
    },
    escalation: [
      {
        id: 'found',
        text,
        state: 'observed',
        techniques: (finding.techniques ?? []).filter((id) => input.knownTechniques.has(id)),
        hazard,
        cites: [told],
      },
    ],
    hazards: [hazard],
    rules: input.knownRules.has(rule) ? [rule] : [],
    tags: ['draft'],
    history: [{ on: today, what: `Drafted from finding ${seq} of run ${run}.` }],
  };
  const head = [
    `# A draft. Save it as ${claim.id}.yaml in your folder of claims, and check: ringfence evidence lint --claims DIR`,
    '# The record says what was seen. Write what it means: the claim in one sentence, whether task or set-up asked for it,',
    '# objections, the setting; then remove draft.',
  ];
  return `${head.join('\n')}\n${stringify(claim, { aliasDuplicateObjects: false, lineWidth: 110 })}`;
}
