/**
 * What a finding leads to, in real cells: the contract's own rules, and each of its answers.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place } from '../run/place.ts';
import { until } from '../run/wait.ts';

const rule = (level: string) => `title: A canary is executed
id: 0f5a1c2e-6d4b-4c59-9f2e-2f6e3d5b7a01
status: stable
logsource: { category: process_creation }
detection:
  canary: { CommandLine: 'echo canary-word' }
  condition: canary
level: ${level}
ringfence: { hazard: sabotage, limit: only this word }
`;

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  function contract(level: string, response: string): string {
    const folder = join(place.root, 'records/rules');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'canary.yml'), rule(level));
    return `oversight: { rules: [./rules], on: { finding: { ${level}: ${response} } } }\ncompute: { time: 20s }\n`;
  }

  const findings = async () => {
    const found = [];
    for await (const event of readLedger(place.lastRecord().ledger))
      if (event.kind === 'finding') found.push(event);
    return found;
  };

  test.each([
    ['none', 0],
    ['note', 0],
    ['alert', 0],
    ['stop', 122],
    ['kill', 122],
  ])('%s', async (response, status) => {
    const script =
      'env echo canary-word; sleep 0.3; env echo canary-word; [ "$0" = bash ] && sleep 9; exit 0';
    const words = status === 0 ? ['sh', '-c', script] : ['bash', '-c', script, 'bash'];
    const { code, stderr } = await place.run(words, { contract: contract('high', response) });
    expect(code, stderr).toBe(status);
    const record = place.lastRecord();
    const own = record.findings.filter(({ hazard }) => hazard === 'sabotage');
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ level: 'high', cites: [expect.any(Number)], pid: expect.any(Number) });
    expect(record.totals.findings).toBe(record.findings.length);
    expect(own[0]?.response).toBe(response === 'none' ? undefined : response);
    expect(stderr.includes('A canary is executed')).toBe(response !== 'none');
    if (status !== 0) expect(record.reason).toBe('finding');
    // seen again, not found again: its number is told at the end
    const told = (await findings()).filter(({ rule: id }) => id === own[0]?.rule);
    expect(told.filter(({ count }) => count === undefined)).toHaveLength(1);
    if (status === 0) expect(told.find(({ count }) => count !== undefined)?.count).toBe(1);
  });

  test('freeze: every process of the cell stands still until the operator lets it go on', async () => {
    const { child, result } = place.start(
      place.runWords(['bash', '-c', 'env echo canary-word; sleep 3; echo went-on'], {
        contract: contract('critical', 'freeze'),
      }),
    );
    let said = '';
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    let heard = '';
    child.stdout?.on('data', (data: Buffer) => {
      heard += data.toString();
    });
    await until('the alert', () => said.includes('it is held'));
    expect(heard).not.toContain('went-on');
    const thawed = await place.command('thaw', '--all');
    expect(thawed.code, thawed.stderr).toBe(0);
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    expect(heard).toContain('went-on');
    const [found] = await findings();
    expect(found).toMatchObject({ response: 'freeze', us: expect.any(Number) });
    const kinds: string[] = [];
    for await (const event of readLedger(place.lastRecord().ledger))
      if (event.kind === 'control') kinds.push(`${event.action} ${event.by}`);
    expect(kinds).toContain('freeze finding');
    expect(kinds).toContain('freeze supervisor');
  });

  test('rules that cannot be read start nothing', async () => {
    const text = contract('high', 'note');
    writeFileSync(join(place.root, 'records/rules/canary.yml'), 'title: nothing else\n');
    const { code, stderr, stdout } = await place.run(['echo', 'ran'], { contract: text });
    expect(code, stderr).toBe(125);
    expect(stderr).toContain('canary.yml');
    expect(stdout).toBe('');
  });
});
