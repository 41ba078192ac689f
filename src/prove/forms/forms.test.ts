import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { HAZARD_NAMES, type Hazard, parseContract, positionOf } from '../../contract/index.ts';
import { loadCatalogue } from '../catalogue/index.ts';
import { type Place, prove, type Report } from '../report/index.ts';
import { graphDot, reportGraph, reportSarif } from './index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const loaded = loadCatalogue(join(ROOT, 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;

interface Proved {
  report: Report;
  place: (clause: string) => Place;
}

function proved(text: string): Proved {
  const parsed = parseContract(text, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  const { contract, source } = parsed;
  return {
    report: prove({ contract, catalogue, home: '/home/operator' }),
    place: (clause) => {
      const { position, exact } = positionOf(source, clause, 'key');
      return { file: 'c.yaml', ...position, ...(exact ? {} : { implied: true }) };
    },
  };
}

const EXAMPLES = {
  'the coding agent’s contract': readFileSync(join(ROOT, 'contracts', 'coding-agent.yaml'), 'utf8'),
  'a contract of two lines': 'ringfence: 1\nname: t\n',
  'a direct workspace':
    'ringfence: 1\nname: t\nfiles: { workspace: { mode: direct } }\nnetwork:\n  - { host: github.com }\n',
};

const sarif = (text: string, required: Hazard[] = []) => {
  const { report, place } = proved(text);
  return reportSarif(report, {
    version: '1.2.3',
    uri: 'a%20b/c.yaml',
    sha256: 'a'.repeat(64),
    place,
    required,
  });
};

// The objects of SARIF 2.1.0 that are written, with their required properties and no others than are written.
const message = z.strictObject({ text: z.string().min(1) });
const location = z.strictObject({
  physicalLocation: z
    .strictObject({
      artifactLocation: z.strictObject({
        uri: z.string().regex(/^[\w.~!$&'()*+,;=:@/%-]+$/),
        index: z.literal(0),
      }),
      region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1).optional() }),
    })
    .optional(),
  message: message.optional(),
});
const multiformat = z.strictObject({ text: z.string().min(1), markdown: z.string().min(1).optional() });
const rule = z.strictObject({
  id: z.enum(HAZARD_NAMES),
  name: z.string().regex(/^[A-Z][A-Za-z]+$/),
  shortDescription: multiformat,
  fullDescription: multiformat,
  help: multiformat,
  defaultConfiguration: z.strictObject({ level: z.enum(['none', 'note', 'warning', 'error']) }),
  properties: z.looseObject({ tags: z.array(z.string()) }),
});
const result = z.strictObject({
  ruleId: z.enum(HAZARD_NAMES),
  ruleIndex: z.int().min(0),
  kind: z.enum(['fail', 'open']),
  level: z.enum(['none', 'warning', 'error']),
  message,
  locations: z.array(location).length(1),
  relatedLocations: z.array(location).optional(),
  codeFlows: z
    .array(
      z.strictObject({
        threadFlows: z
          .array(
            z.strictObject({
              locations: z.array(z.strictObject({ location, executionOrder: z.int().min(0) })).min(1),
            }),
          )
          .min(1),
      }),
    )
    .min(1)
    .optional(),
  partialFingerprints: z.record(z.string(), z.string()),
  properties: z.looseObject({}),
});
const log = z.strictObject({
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: z.string(),
            semanticVersion: z.string().regex(/^\d+\.\d+\.\d+/),
            rules: z.array(rule),
          }),
        }),
        automationDetails: z.strictObject({ id: z.string() }),
        artifacts: z
          .array(
            z.strictObject({
              location: z.strictObject({ uri: z.string() }),
              roles: z.array(z.literal('analysisTarget')),
              hashes: z.strictObject({ 'sha-256': z.string().regex(/^[0-9a-f]{64}$/) }),
            }),
          )
          .length(1),
        columnKind: z.literal('utf16CodeUnits'),
        results: z.array(result),
        properties: z.looseObject({}),
      }),
    )
    .length(1),
});

const parsed = (text: string, required?: Hazard[]) => {
  const { runs } = log.parse(JSON.parse(JSON.stringify(sarif(text, required))));
  return runs[0] as (typeof runs)[number];
};

describe.each(Object.entries(EXAMPLES))('SARIF of %s', (_name, text) => {
  it('has the standard’s form, and a result for each hazard that is not proved', () => {
    const run = parsed(text);
    const { report } = proved(text);
    expect(run.results.map(({ ruleId }) => ruleId)).toEqual(
      report.verdicts.flatMap(({ hazard, verdict }) => (verdict === 'PROVED' ? [] : [hazard])),
    );
    for (const each of run.results) {
      expect(run.tool.driver.rules[each.ruleIndex]?.id).toBe(each.ruleId);
      // section 3.27.10: a level other than none is for failures alone
      expect(each.level === 'none').toBe(each.kind !== 'fail');
      expect(each.locations[0]?.physicalLocation).toBeDefined();
    }
    expect(
      new Set(run.results.map(({ partialFingerprints }) => Object.values(partialFingerprints)[0])).size,
    ).toBe(run.results.length);
    const { proved: listed, coversNot } = run.properties as { proved: unknown[]; coversNot: unknown[] };
    expect(listed.length + run.results.length).toBe(HAZARD_NAMES.length);
    expect(coversNot.length).toBeGreaterThan(3);
  });

  it('stays the same finding when lines move', () => {
    const fingerprints = (source: string) =>
      parsed(source).results.map(({ partialFingerprints }) => partialFingerprints);
    expect(fingerprints(`# moved\n\n${text}`)).toEqual(fingerprints(text));
  });
});

it('SARIF points at the line that opens a hazard, and says error for what is required', () => {
  const text = 'ringfence: 1\nname: t\n\nnetwork:\n  - { host: api.example.com }\n';
  const [exfiltration] = parsed(text, ['exfiltration']).results;
  expect(exfiltration?.level).toBe('error');
  expect(exfiltration?.locations[0]?.physicalLocation?.region).toEqual({ startLine: 5, startColumn: 5 });
  const flow = exfiltration?.codeFlows?.[0]?.threadFlows[0]?.locations.map(
    (each) => each.location.message?.text,
  );
  expect(flow?.at(-1)).toContain('exfiltration.send');
  expect(parsed(text).results[0]?.level).toBe('warning');
});

describe.each(Object.entries(EXAMPLES))('the graph of %s', (_name, text) => {
  const { report, place } = proved(text);
  const graph = reportGraph(report, place);

  it('leads to each hazard that can happen from what the file grants', () => {
    for (const { source, target } of graph.edges)
      expect([graph.nodes[source] !== undefined, graph.nodes[target] !== undefined]).toEqual([true, true]);
    for (const { hazard, verdict } of report.verdicts) {
      const id = `hazard:${hazard}`;
      expect(graph.nodes[id]?.metadata.verdict).toBe(verdict);
      const found = new Set([id]);
      for (const each of found)
        for (const { source, target } of graph.edges) if (target === each) found.add(source);
      const kinds = [...found].map((each) => graph.nodes[each]?.metadata.kind);
      expect(
        kinds.some((kind) => kind === 'clause' || kind === 'model' || kind === 'layer' || kind === 'reason'),
      ).toBe(true);
      if (verdict === 'REFUTED') expect(kinds.some((kind) => kind === 'clause')).toBe(true);
    }
  });

  it('is drawn by the dot language, every label quoted', () => {
    const dot = graphDot(graph);
    expect(dot).toMatch(/^digraph ".*" \{\n/);
    for (const line of dot.split('\n').slice(3, -2))
      expect(line).toMatch(/^ {2}n\d+ (-> n\d+ )?\[label="(?:[^"\\]|\\.)*"(, \w+=("[#\w]+"|\w+))*\];$/);
    expect(dot.trimEnd().endsWith('}')).toBe(true);
  });
});

it('names from a file can neither end a label of the graph nor drive a terminal', () => {
  const { report, place } = proved('ringfence: 1\nname: t\nnetwork: [{ host: api.example.com }]\n');
  const [first, ...others] = report.verdicts;
  if (first?.verdict !== 'REFUTED') throw new Error('not refuted');
  const steps = first.steps.map((step) => ({ ...step, text: `${step.text}"];\u001b[31m\u202e\\` }));
  const dot = graphDot(reportGraph({ ...report, verdicts: [{ ...first, steps }, ...others] }, place));
  expect(dot).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  for (const line of dot.split('\n').slice(3, -2))
    expect(line).toMatch(/^ {2}n\d+ .*\[label="(?:[^"\\]|\\.)*"[^"]*(?:"[#\w]+"[^"]*)?\];$/);
});
