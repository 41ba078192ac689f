import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { loadCatalogue } from '../catalogue/index.ts';
import { compare, givenBeyond } from '../compare/index.ts';
import { asMaximum, exceeds } from '../maximum/index.ts';
import { modelOf } from '../model/index.ts';
import { excessOf, feasibilityFindings, namedIn, withObjective } from '../objective/index.ts';
import { prove } from '../report/index.ts';
import {
  containmentSarif,
  differenceSarif,
  excessSarif,
  reportSarif,
  type SarifAbout,
  type SarifResult,
} from './index.ts';

const loaded = loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;

function contractOf(text: string) {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.contract;
}

const about: SarifAbout = {
  version: '1.2.3',
  uri: 'c.yaml',
  sha256: 'a'.repeat(64),
  place: (clause) => (clause === '' ? undefined : { file: 'c.yaml', line: 3, column: 1 }),
  required: [],
};

const OLD = contractOf(
  'objective: { task: Mend it., success: { run: npm test } }\nnetwork: [{ host: a.example.com }]',
);
const NEW = contractOf(
  'objective: { task: Mend it., success: { run: npm test } }\nnetwork: [{ host: b.example.com }]\ncompute: { cpus: 8 }',
);

const side = (contract: typeof OLD) => ({
  model: modelOf({ contract, catalogue }),
  report: prove({ contract, catalogue }),
});

/** Results of a log; every one has a rule that is described, a place, and a level that goes with its kind. */
function results(log: Record<string, unknown>): SarifResult[] {
  const [run] = log.runs as [{ tool: { driver: { rules: { id: string }[] } }; results: SarifResult[] }];
  const ids = run.tool.driver.rules.map(({ id }) => id);
  for (const { ruleId, kind, level, locations, message, partialFingerprints } of run.results) {
    expect(ids).toContain(ruleId);
    expect(level === 'none').toBe(kind !== 'fail');
    expect([locations.length, message.text.length > 0, Object.keys(partialFingerprints)]).toEqual([
      1,
      true,
      ['ringfencePath/v1'],
    ]);
    expect(locations[0]?.physicalLocation?.region.startLine).toBeGreaterThan(0);
  }
  const prints = run.results.map(({ partialFingerprints }) => Object.values(partialFingerprints)[0]);
  expect(new Set(prints).size).toBe(prints.length);
  return run.results;
}

it('a report has a result for each finding and each grant that is not needed', () => {
  const report = withObjective(prove({ contract: OLD, catalogue }), OLD);
  const found = results(reportSarif({ ...report, findings: feasibilityFindings(OLD, undefined) }, about));
  expect(found.map(({ ruleId }) => ruleId)).toEqual(expect.arrayContaining(['objective.unshown', 'excess']));
});

it('a comparison with a maximum has one for each thing beyond it', () => {
  const found = results(containmentSarif(exceeds(NEW, asMaximum(OLD)), 't', about));
  expect(found.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
    'beyond-maximum error',
    'beyond-maximum error',
  ]);
});

it('a change has what it opens as new, and what it closes as absent', () => {
  const options = {};
  const opened = results(
    differenceSarif(
      compare(side(OLD), side(NEW), {
        opened: givenBeyond(NEW, OLD, options),
        closed: givenBeyond(OLD, NEW, options),
      }),
      't',
      about,
    ),
  );
  expect(opened.find(({ ruleId }) => ruleId === 'exfiltration')).toMatchObject({
    kind: 'fail',
    baselineState: 'updated',
  });
  expect(opened.filter(({ ruleId }) => ruleId === 'new-grant')).toHaveLength(2);
  const none = contractOf('');
  const closed = results(
    differenceSarif(
      compare(side(OLD), side(none), {
        opened: givenBeyond(none, OLD, options),
        closed: givenBeyond(OLD, none, options),
      }),
      't',
      about,
    ),
  );
  expect(closed.find(({ ruleId }) => ruleId === 'exfiltration')).toMatchObject({
    kind: 'pass',
    level: 'none',
    baselineState: 'absent',
  });
});

it('excess has one for each grant', () => {
  const report = excessOf(
    { contract: OLD, catalogue },
    { named: namedIn(OLD), ecosystems: [], recorded: undefined },
  );
  expect(results(excessSarif(report, 't', about)).map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
    'excess note',
  ]);
});
