/**
 * What looks like evidence and is none: a proof that leaves out what runs, another home, a time that is still to come, a certificate that was
 * changed, a journal that somebody wrote. And a refresh that is interrupted. As root and as an ordinary user.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStatement, type Statement, signStatement } from '../../src/evidence/attest/index.ts';
import type { SafetyCase } from '../../src/evidence/case/index.ts';
import { loadKeys, parseVerifier, type Verifier } from '../../src/ledger/index.ts';
import { identities, Place, ROOT } from '../run/place.ts';

const CONTRACT = `ringfence: 1
name: forged
accept:
${['compute-diversion', 'grader-tampering', 'deception', 'coercion']
  .map((hazard) => `  - { hazard: ${hazard}, reason: this contract is only there to be tested }`)
  .join('\n')}
`;
const CLI = [process.execPath, join(ROOT, 'dist/cli.js')];

describe.each(identities())('as %s', (identity) => {
  const place = new Place(identity);
  const contract = join(place.project, 'ringfence.yaml');
  const folder = join(place.state, 'ringfence/attestations');
  afterAll(() => place.remove());

  const ringfence = (words: string[], env: Record<string, string> = {}) =>
    place.start([...CLI, ...words], { within: 120, env }).result;
  const fileOf = (kind: string): string =>
    join(folder, readdirSync(folder).findLast((name) => name.startsWith(`${kind}.`)) ?? '');

  async function stated(env: Record<string, string> = {}): Promise<SafetyCase & { code: number | null }> {
    const { stdout, stderr, code } = await ringfence(['case', contract, '--json'], env);
    if (stdout === '') throw new Error(stderr);
    return { ...(JSON.parse(Buffer.from(stdout, 'latin1').toString()) as SafetyCase), code };
  }
  const staleIn = ({ links }: SafetyCase) =>
    links
      .filter(({ state }) => state === 'stale')
      .map(({ id, changed }) => [id, changed.map(({ name }) => name)]);

  beforeAll(async () => {
    place.file(contract, CONTRACT);
    await ringfence(['prove', contract]);
    await ringfence(['run', '--contract', contract, '--no-grade', '--no-input', '--', 'true']);
    await ringfence(['evidence', 'lint']);
  }, 120_000);

  it('a proof that says nothing of what would run does not count', async () => {
    const before = await stated();
    expect(before.code).toBe(1);
    expect(staleIn(before)).toEqual([['proof', ['plan', 'launcher', 'kernel']]]);
    await ringfence(before.links.find(({ id }) => id === 'proof')?.command ?? []);
    expect(await stated()).toMatchObject({ code: 0, verdict: 'supported' });
  }, 120_000);

  it('another home is another plan, for proof and run', async () => {
    const elsewhere = await stated({ HOME: place.folder('elsewhere') });
    expect(elsewhere.code).toBe(1);
    expect(staleIn(elsewhere)).toEqual([
      ['proof', ['plan']],
      ['read-back', ['plan']],
    ]);
  }, 60_000);

  it('a statement of a time to come does not count, though it is signed', async () => {
    const file = fileOf('review');
    const text = readFileSync(file);
    const keys = join(place.state, 'ringfence/keys');
    const known = parseVerifier(readFileSync(join(keys, 'ledger.vkey'), 'utf8').trim()) as Verifier;
    const opened = openStatement(text, [known]);
    if (!opened.ok) throw new Error(opened.detail);
    const { kind, subjects, predicate } = opened.statement as Statement<'review'>;
    const later = { kind, subjects, predicate: { ...predicate, made: '2999-01-01T00:00:00.000Z' } };
    writeFileSync(file, signStatement(later as Statement, loadKeys(keys).signer));
    const value = await stated();
    writeFileSync(file, text);
    expect(value).toMatchObject({ code: 4, verdict: 'damaged' });
    expect(value.damaged).toMatchObject([{ file, why: expect.stringContaining('still to come') }]);
    expect(value.links.find(({ id }) => id === 'review')?.state).toBe('missing');
    expect((await stated()).code).toBe(0);
  }, 120_000);

  it('a run that goes on, and one that has no record yet, damage nothing', async () => {
    place.folder(join(relative(place.root, place.state), 'ringfence/runs/20200101-000000-000000'), 0o700);
    const words = ['run', '--contract', contract, '--no-grade', '--no-input', '--'];
    const { child, result } = place.start([...CLI, ...words, 'sh', '-c', 'echo begun; exec sleep 60']);
    await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
    const value = await stated();
    child.kill('SIGTERM');
    await result;
    expect(value).toMatchObject({ code: 0, damaged: [], verdict: 'supported' });
    expect((await stated()).code).toBe(0);
  }, 120_000);

  it('a certificate that was changed or taken away is damage, and is made anew', async () => {
    const certificates = join(folder, 'certificates');
    const kept = readdirSync(certificates).map((name) => join(certificates, name));
    for (const file of kept) writeFileSync(file, `${readFileSync(file, 'utf8')} `);
    const altered = await stated();
    expect(altered).toMatchObject({ code: 4, verdict: 'damaged' });
    expect(altered.damaged[0]?.why).toContain('certificate');
    for (const file of kept) rmSync(file);
    const gone = await stated();
    expect(gone.code).toBe(4);
    for (const { file } of gone.damaged) rmSync(join(folder, file), { force: true });
    await ringfence(gone.links.find(({ id }) => id === 'proof')?.command ?? []);
    expect((await stated()).code).toBe(0);
  }, 120_000);

  it('nothing is signed of what a journal says', async () => {
    const scenario = 'persistence.git-hook';
    const words = ['attack', '--targets', 'ringfence', '--scenarios', scenario];
    const { stderr } = await ringfence(words);
    const journal = /kept in (\S+\.jsonl)/.exec(stderr)?.[1] ?? '';
    rmSync(fileOf('reproduction'));
    expect(readFileSync(journal, 'utf8')).toContain('"contained":true');
    const again = await ringfence([...words, '--resume', journal]);
    expect(again.stderr).toContain('kept  ');
    expect(readdirSync(folder).filter((name) => name.startsWith('reproduction.'))).toEqual([]);
  }, 120_000);

  it('a refresh that is interrupted keeps what was made, and says what was left out', async () => {
    renameSync(folder, `${folder}.before`);
    const { child, result } = place.start([...CLI, 'case', '--refresh', contract], { within: 120 });
    let [said, sent] = ['', false];
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
      if (sent || !/^case: ringfence evidence lint/m.test(said)) return;
      sent = child.kill('SIGTERM');
    });
    const { code, stderr, stdout } = await result;
    expect(stderr).toMatch(/SIGTERM: 1 of \d commands were left out/);
    expect(stdout).toContain('Safety case of forged');
    expect(code).toBe(143);
    expect(readdirSync(folder).filter((name) => name.startsWith('proof.'))).toHaveLength(1);
  }, 120_000);
});
