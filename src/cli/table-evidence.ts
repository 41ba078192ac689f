/**
 * Rows of the command table: the evidence base.
 *
 * @module
 */
import { type CommandSpec, json, ok, usage, usual } from './table-parts.ts';

const base = [
  {
    name: 'claims',
    value: 'DIR',
    kind: 'folder',
    summary: 'A folder of claims, with sources/ in it. Default: the claims that come with Ringfence.',
  },
  {
    name: 'on',
    value: 'DAY',
    summary: 'Judge what is stale, and what is in the future, as of this day: 2026-03-17. Default: today.',
  },
] as const;

// The words stand here once more, since every start loads the table: a test holds them to src/evidence/words.ts.
const facets = [
  {
    name: 'category',
    value: 'WORD',
    kind: [
      'specification-gaming',
      'generalisation',
      'resource-acquisition',
      'containment',
      'deception',
      'oversight',
      'coercion',
      'sabotage',
      'replication',
      'collusion',
      'intrusion',
      'injection',
      'theory',
    ],
    multiple: true,
    summary: 'Only claims filed under this subject.',
  },
  {
    name: 'kind',
    value: 'WORD',
    kind: ['capability', 'incident', 'theory'],
    multiple: true,
    summary: 'Only claims about this: what systems do, what happened once, why they would.',
  },
  {
    name: 'hazard',
    value: 'HAZARD',
    kind: [
      'exfiltration',
      'remote-control',
      'compute-diversion',
      'resource-acquisition',
      'persistence',
      'self-replication',
      'grader-tampering',
      'oversight-tampering',
      'escape',
      'intrusion',
      'deception',
      'coercion',
      'sabotage',
      'collusion',
    ],
    multiple: true,
    summary: 'Only claims that are evidence for this hazard.',
  },
  {
    name: 'status',
    value: 'WORD',
    kind: [
      'unsupported',
      'feasible',
      'reported',
      'demonstrated-simulated',
      'demonstrated-controlled',
      'demonstrated-real-world',
      'realized',
      'draft',
      'disputed',
      'stale',
    ],
    multiple: true,
    summary: 'Only claims with this derived status, or this mark.',
  },
  {
    name: 'certainty',
    value: 'WORD',
    kind: ['very-low', 'low', 'moderate', 'high'],
    multiple: true,
    summary: 'Only claims of this derived certainty.',
  },
  {
    name: 'maturity',
    value: 'WORD',
    kind: ['feasible', 'demonstrated', 'realized'],
    multiple: true,
    summary: 'Only claims that have come this far.',
  },
  {
    name: 'setting',
    value: 'WORD',
    kind: ['argument', 'simulated', 'controlled', 'real-world'],
    multiple: true,
    summary: 'Only claims seen there.',
  },
  {
    name: 'sourcing',
    value: 'WORD',
    kind: ['disputed', 'reported', 'corroborated', 'confirmed'],
    multiple: true,
    summary: 'Only claims vouched for so.',
  },
  {
    name: 'attribution',
    value: 'WORD',
    kind: ['unprompted', 'elicited', 'instructed', 'trained', 'unknown'],
    multiple: true,
    summary: 'Only claims where the set-up did this to bring it about.',
  },
  {
    name: 'reproduction',
    value: 'WORD',
    kind: ['none', 'mechanism', 'propensity'],
    multiple: true,
    summary: 'Only claims of which Ringfence runs this.',
  },
  { name: 'tag', value: 'TAG', multiple: true, summary: 'Only claims with this tag.' },
  { name: 'source', value: 'ID', multiple: true, summary: 'Only claims that rest on this source.' },
] as const;

const claim = { name: 'CLAIM', summary: 'Id of a claim, or its beginning.' } as const;
const missing = { code: '1', when: 'there is no such claim' } as const;

export const EVIDENCE_COMMANDS = [
  {
    name: 'evidence list',
    summary: 'List claims about what AI systems do, each with its derived status and certainty.',
    description: [
      'An option that is given several times asks for any of its values; different options must all hold.',
    ],
    arguments: [],
    options: [...facets, ...base, json],
    examples: [
      { line: 'ringfence evidence list', what: 'All claims.' },
      { line: 'ringfence evidence list --hazard escape --status realized', what: 'What escapes happened.' },
    ],
    exitCodes: [ok, { code: '1', when: 'a file of the base cannot be used' }, usage],
    failure: usual,
  },
  {
    name: 'evidence show',
    summary: 'Show a claim: status and why, what is known, the debate, objections, contradictions, sources.',
    arguments: [claim],
    options: [...base, json],
    examples: [
      { line: 'ringfence evidence show specification-gaming', what: 'The whole entry, for reading.' },
      { line: 'ringfence evidence show specification-gaming --json', what: 'The same for a program.' },
    ],
    exitCodes: [ok, missing, usage],
    failure: usual,
  },
  {
    name: 'evidence search',
    summary: 'Find claims by words: in their text, objections, sources, authors, tags and technique ids.',
    description: [
      'Claims with all the words come first, the best first; beginnings of words are enough, and small mistakes are forgiven. Where no claim has all, those with any are listed.',
    ],
    arguments: [{ name: 'WORD', rest: true, summary: 'What to look for.' }],
    options: [...facets, ...base, json],
    examples: [{ line: 'ringfence evidence search reverse tunnel', what: 'Claims about reverse tunnels.' }],
    exitCodes: [ok, { code: '1', when: 'nothing was found' }, usage],
    failure: usual,
  },
  {
    name: 'evidence graph',
    summary:
      'Draw what is said for and against a claim, its escalation path, or how claims stand to each other.',
    description: [
      'With CLAIM: evidence, positions, objections and responses around it; with --escalation the steps from it to worse. Without: all claims and their relations.',
    ],
    arguments: [{ ...claim, optional: true }],
    options: [
      { name: 'escalation', summary: 'The escalation path of the claim.' },
      {
        name: 'format',
        value: 'FORMAT',
        kind: ['text', 'dot', 'mermaid', 'json'],
        summary: 'text (default), dot for Graphviz, mermaid for Markdown, json for programs.',
      },
      ...base,
      { ...json, summary: 'The same as --format json.' },
    ],
    examples: [
      { line: 'ringfence evidence graph specification-gaming', what: 'The argument as a tree.' },
      {
        line: 'ringfence evidence graph specification-gaming --escalation --format mermaid',
        what: 'The path to worse, for a Markdown page.',
      },
    ],
    exitCodes: [ok, missing, usage],
    failure: usual,
  },
  {
    name: 'evidence lint',
    judges: true,
    summary: 'Check claims and sources: links, quotes, dates, status and certainty.',
    description: [
      'Finds what is misspelt or missing; links to claims, sources, rules, hazards, affordances, contracts and techniques that lead nowhere; circles; quotes that are too long or not checked; impossible, future and stale dates; axes that do not go together, and certainty that differs from what the rules give; claims that rest on secondary sources without saying so; sources that nobody cites.',
      'Of the claims that come with Ringfence it also asks that every hazard and every rule has one; of others with --complete.',
    ],
    arguments: [],
    options: [
      ...base,
      { name: 'complete', summary: 'Ask that every hazard and every rule has a claim, too.' },
      json,
    ],
    examples: [{ line: 'ringfence evidence lint --claims ./claims', what: 'Check claims of your own.' }],
    exitCodes: [
      { code: '0', when: 'nothing is wrong' },
      { code: '1', when: 'something is; file and line are named' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'evidence verify',
    judges: true,
    summary:
      'Check signed statements: signature, form, and whether what they are about is still what is here.',
    description: [
      'prove, attack and evidence lint leave signed statements in the state folder, in-toto in a DSSE envelope: what was proved, tried or reviewed, and the digests of all that it rests on: code, launcher, kernel, rules, scenarios, claims.',
      'Any change of a byte of a statement is found. One that holds and whose subjects changed since is stale: which ones is said.',
    ],
    arguments: [
      {
        name: 'FILE',
        kind: 'file',
        optional: true,
        rest: true,
        summary: 'Statements. Default: all that are kept here.',
      },
    ],
    options: [
      {
        name: 'key',
        value: 'FILE',
        kind: 'file',
        summary: 'Verifier keys of who signed, a line each. Default: the key of this installation.',
      },
      {
        name: 'contract',
        short: 'c',
        value: 'FILE',
        kind: 'file',
        summary: 'The contract that proofs are about. Default: contracts and plans are not compared.',
      },
      json,
    ],
    examples: [
      { line: 'ringfence evidence verify', what: 'All statements of this installation.' },
      {
        line: 'ringfence evidence verify statement.json --key ledger.vkey',
        what: 'One from another installation, whose key came another way.',
      },
    ],
    exitCodes: [
      { code: '0', when: 'all are accepted' },
      { code: '1', when: 'one is rejected, or there is none' },
      usage,
      { code: '3', when: 'none is rejected, and one is stale' },
    ],
    failure: usual,
  },
  {
    name: 'evidence coverage',
    summary: 'Show which layer stops the scenarios of each claim, and which rules see them, as measured.',
    description: [
      'Joined from the signed statements that attack leaves here, as long as they are about the code, kernel, rules and scenarios that are here; else from the file that came with Ringfence, which says when and with what it was measured. Of a seed that was tried several times the worst counts. Intervals are exact binomial ones at 95 %, after Clopper and Pearson.',
      'What was not measured is UNMEASURED and never counts as covered. What was measured of a scenario or of rules that changed since is STALE.',
    ],
    arguments: [],
    options: [
      {
        name: 'write',
        summary: 'Put what was measured here into the evidence base: claims/coverage.json.',
      },
      json,
    ],
    examples: [
      { line: 'ringfence evidence coverage', what: 'Claim by claim.' },
      {
        line: 'ringfence evidence coverage --write',
        what: 'After a battery: what the pages of claims say from then on.',
      },
    ],
    exitCodes: [ok, { code: '1', when: 'nothing was measured here that could be written' }, usage],
    failure: usual,
  },
  {
    name: 'evidence draft',
    summary: 'Propose a claim from a finding of a run, with the events of its record as sources.',
    description: [
      'Prints a claim that passes the schema and is marked as a draft. Its sources are events: the id of the run, the number and the hash of each record. It says what the record says; what that means is yours to write. What was said to models stays out of it.',
    ],
    arguments: [],
    options: [
      { name: 'from', value: 'RUN', kind: 'run', summary: 'Id of a run, or its beginning. Required.' },
      {
        name: 'finding',
        value: 'N',
        summary: 'Number of the event that is the finding. Default: the most serious.',
      },
    ],
    examples: [
      {
        line: 'ringfence evidence draft --from 20261122 --finding 142 > draft.yaml',
        what: 'Propose a claim from finding 142.',
      },
    ],
    exitCodes: [ok, { code: '1', when: 'there is no such run or finding, or its record is broken' }, usage],
    failure: usual,
  },
  {
    name: 'evidence export',
    summary: 'Write claims and their sources in a format of others, or as a static site.',
    description: [
      'json is the whole base, with derived statuses beside it; it can be read back. csv has a row for each claim. stix is a bundle of STIX 2.1: a report for each claim, techniques as attack patterns, objections as notes. atom is a feed. bibtex has the sources.',
      'The site works without a server, and for reading without JavaScript. It takes the place of the folder as a whole.',
      'Ids and order are the same on every machine: an export differs from the last only where claims or sources do.',
    ],
    arguments: [],
    options: [
      {
        name: 'format',
        value: 'FORMAT',
        kind: ['json', 'csv', 'stix', 'atom', 'bibtex'],
        summary: 'json (default), csv, stix, atom or bibtex.',
      },
      {
        name: 'output',
        value: 'FILE',
        kind: 'file',
        summary: 'Write to this file. Default: standard output.',
      },
      {
        name: 'site',
        value: 'DIR',
        kind: 'folder',
        summary:
          'Write all formats and a static site into this folder: a new or an empty one, or one that an earlier export wrote.',
      },
      {
        name: 'address',
        value: 'URL',
        summary: 'Where the pages of the claims lie: links to them are written. Default: none are.',
      },
      ...facets,
      ...base,
    ],
    examples: [
      {
        line: 'ringfence evidence export --format stix --output claims.json',
        what: 'For a threat-intelligence platform.',
      },
      {
        line: 'ringfence evidence export --format bibtex > sources.bib',
        what: 'Cite what the claims rest on.',
      },
      {
        line: 'ringfence evidence export --site ./site --address https://evidence.example.com',
        what: 'Pages for people, to be served from that address or opened from the folder.',
      },
    ],
    exitCodes: [
      ok,
      { code: '1', when: 'a file of the base cannot be used, or FILE or DIR not be written' },
      usage,
    ],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
