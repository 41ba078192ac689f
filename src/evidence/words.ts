/**
 * The closed words of claims and sources, each with what it means. Reference page, lint and pages read them from here.
 *
 * @module
 */

/** What an entry is about. */
export const KINDS = {
  capability: 'what AI systems were seen to do, or can do',
  incident: 'what happened once, at a time and a place',
  theory: 'an argument why systems would do something',
} as const;

/** The subject that an entry is filed under. */
export const CATEGORIES = {
  'specification-gaming':
    'the stated measure is met and what was wanted is not: reward hacking, tampered graders',
  generalisation: 'what was learnt in one place shows in another',
  'resource-acquisition': 'compute, money, access or credentials beyond what was given',
  containment: 'a boundary is crossed: tunnels, escapes, ways out',
  deception: 'overseers are told or shown what is not so: lies, sandbagging, behaviour under test',
  oversight: 'shutdown, monitors, logs or approvals are resisted or evaded',
  coercion: 'knowledge about people or organisations is used against them: blackmail, leaks',
  sabotage: 'entrusted work, code or data is damaged',
  replication: 'an agent, its weights or its prompt is copied elsewhere',
  collusion: 'agents that are meant to be separate work together',
  intrusion: 'systems of others are probed, attacked or entered',
  injection: 'text from outside takes over what an agent does',
  theory: 'why goals of many kinds lead to the same steps',
} as const;

/** How far it has come: the words of MITRE ATLAS, said for claims. */
export const MATURITIES = {
  feasible: 'argued, derived or shown in parts; no AI system was seen to do the whole',
  demonstrated: 'an AI system did it, and somebody looked',
  realized:
    'it happened outside any experiment, and others than those who ran the system bore the consequences',
} as const;

/** Where it was seen. Ordered from the least to the most like the world. */
export const SETTINGS = {
  argument: 'nowhere yet: reasoning or mathematics',
  simulated: 'in a world of text or a toy: what was done had no effect outside it',
  controlled:
    'in an experiment in which it really happened: effects on machines made for it, or answers that are the behaviour itself',
  'real-world': 'on systems that were in use for something else: training, production, other people’s',
} as const;

/** Who vouches that it happened. Ordered; `disputed` stands apart. */
export const SOURCINGS = {
  disputed: 'a party that should know says that it was not so',
  reported: 'one party says so, in whatever detail',
  corroborated: 'a second party with data of its own says the same',
  confirmed: 'others examined the records, or repeated it',
} as const;

/** What in the set-up brought it about. */
export const ATTRIBUTIONS = {
  unprompted: 'nobody asked for it, and the set-up was not made to bring it about',
  elicited: 'the set-up was made so that it would show: a conflict, a temptation, an impossible task',
  instructed: 'the system was told to do it, or to reach a goal at any price',
  trained: 'the system was trained to do it, for the experiment',
  unknown: 'what is published does not say',
} as const;

/** What this repository runs of it. */
export const REPRODUCTIONS = {
  none: 'nothing here runs it',
  mechanism:
    'the steps are run here, by a script: they work, and are contained or seen; that says nothing of what models want',
  propensity: 'a model did it by itself here',
} as const;

/** Certainty, as in GRADE. Ordered from the least. */
export const CERTAINTIES = {
  'very-low': 'little more than a guess is possible',
  low: 'what is so may well be different',
  moderate: 'probably so; it may be different in substance',
  high: 'further evidence is unlikely to change it',
} as const;

/** How the evidence came about: where certainty starts. */
export const DESIGNS = {
  experiment: 'compared conditions, with a published set-up and counts: starts high',
  proof: 'a formal result within stated assumptions: starts high',
  records: 'put together from logs or artefacts by those who hold them: starts moderate',
  observation: 'told by those who saw it, without records that others could examine: starts low',
  argument: 'reasoning alone: starts very low',
} as const;

/** Why certainty is taken down, after GRADE. */
export const LOWERED_BY = {
  bias: 'how it was made or measured may have produced it',
  inconsistency: 'results differ, and nobody knows why',
  indirectness: 'what was measured is not quite what the claim says',
  imprecision: 'few cases, or no numbers',
  selection: 'what was published was chosen from more',
} as const;

/** Why certainty is put up, after GRADE. */
export const RAISED_BY = {
  replication: 'others got the same with a set-up of their own',
  'large-effect': 'so large that the usual faults cannot explain it',
  'dose-response': 'more of the cause gave more of the effect',
  'against-interest': 'who tells it had reason to keep silent',
} as const;

/** What a source is. */
export const SOURCE_TYPES = {
  paper: 'reviewed article',
  preprint: 'article before review',
  'vendor-report':
    'a developer or operator about its own systems: reports, model cards, write-ups of incidents',
  'evaluator-report': 'somebody who tests others’ systems about what was found',
  'government-report': 'a public body',
  'code-repository': 'code, data or settings that can be read',
  'incident-index': 'a collection of incidents',
  standard: 'a standard, taxonomy or specification',
  advisory: 'a security advisory or vulnerability record',
  documentation: 'a product’s documentation',
  talk: 'a talk, an interview or its transcript',
  book: 'a book or a chapter',
  blog: 'a post under its author’s name',
  forum: 'a thread or comment',
  news: 'a news article',
  'database-entry': 'an entry of another base of claims',
} as const;

export const TIERS = {
  primary: 'who did, measured, wrote or saw it',
  secondary: 'who tells it from others',
} as const;

/** How far a source, or a quote, was checked by those who entered it. */
export const CHECKS = {
  'read-whole': 'the whole text was read',
  'read-part': 'the parts that are cited were read',
  abstract: 'the abstract or summary was read',
  'not-re-read': 'the text was not at hand; what is said of it is from notes or from knowledge of it',
} as const;

export const QUOTE_CHECKS = {
  'in-source': 'the words were found in the text',
  'not-re-read': 'the words were not found in the text again',
} as const;

export const STRENGTHS = {
  weak: 'leaves the claim standing, if right, with a little less behind it',
  moderate: 'narrows the claim, if right',
  strong: 'overturns the claim, or a large part of it, if right',
} as const;

export const COUNTER_STATES = {
  open: 'nobody has answered it well',
  answered: 'there is an answer, which stands beside it',
  conceded: 'it is right: certainty is lowered',
} as const;

/** How sure a step of an escalation path is. */
export const STEP_STATES = {
  observed: 'seen in what the claim is about',
  elsewhere: 'seen in other systems or set-ups',
  argued: 'not seen yet',
} as const;

/** How one claim stands to another: `THIS relation OTHER`. */
export const RELATIONS = {
  'instance-of': 'this is a case of the other',
  supports: 'this is evidence for the other',
  'leads-to': 'this makes the other possible or likelier',
  explains: 'this is a reason for the other',
  'in-tension-with': 'if this is right, the other is less likely to be',
} as const;

export const DEBATE_STATES = {
  open: 'no side has what would settle it',
  leaning: 'evidence speaks more for one side',
  settled: 'there is agreement',
} as const;

export const CONTRADICTION_STATES = {
  resolved: 'it is known which is right',
  unresolved: 'it is not',
} as const;

export const VERIFIED_HOW = {
  'sources-read': 'every source that the claim rests on was read',
  'sources-read-in-part': 'some were read, and the sources say which',
  'form-only': 'what is written was checked against itself, the sources were not read again',
} as const;

export type Maturity = keyof typeof MATURITIES;
export type Setting = keyof typeof SETTINGS;
export type Sourcing = keyof typeof SOURCINGS;
export type Certainty = keyof typeof CERTAINTIES;
export type Design = keyof typeof DESIGNS;
export type Relation = keyof typeof RELATIONS;

/** The keys of a table of words, typed, for `z.enum`. */
export const keysOf = <T extends Record<string, unknown>>(table: T): (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[];

/** A word of these tables as a heading: `resource-acquisition` → `Resource acquisition`. */
export function titleOf(word: string): string {
  const text = word.replaceAll('-', ' ').replace(/\bre (?=[a-z])/g, 're-');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
