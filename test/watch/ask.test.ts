/**
 * Findings that are asked about, in real cells: the cell stands still until somebody answers, goes on where the answer is yes
 * and for as long as that holds, and is ended otherwise.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Desk } from '../oversight/desk.ts';
import { identities, Place } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { writeCanaryRule } from './canary.ts';

/** What it does again is done by a process of its own, so that it cannot be over before the cell is frozen. */
const TWICE = 'env echo canary-word; sleep 1; echo middle; env echo canary-word; sleep 1; echo end';

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  let desk: Desk;
  beforeEach(() => {
    place = new Place(identity);
    desk = new Desk(place);
  });
  afterEach(() => place.remove());

  function start(script: string, more = 'patience: 25s') {
    writeCanaryRule(place, 'high');
    const contract = `oversight: { rules: [./rules], on: { finding: { high: ask } }, ${more} }\ncompute: { time: 60s }\n`;
    const { child, result } = place.start(place.runWords(['bash', '-c', script], { contract }));
    const said = { out: '', err: '' };
    child.stdout?.on('data', (data: Buffer) => {
      said.out += data.toString();
    });
    child.stderr?.on('data', (data: Buffer) => {
      said.err += data.toString();
    });
    return { result, said };
  }

  test('a yes lets it go on, and the same matter is not asked about again; a thaw is no answer', async () => {
    const { result, said } = start(TWICE);
    const { run, questions } = await desk.questions();
    expect(questions).toMatchObject([
      { question: 1, effect: 'finding', number: 1, most: 50, owner: { pid: expect.any(Number) } },
    ]);
    expect(questions[0]?.what).toContain('A canary is executed');
    await until('the prompt', () => said.err.includes('1 of 50 questions asked'));
    expect(said.err).toContain('may it go on?');
    const thawed = await place.command('thaw', run);
    expect(thawed.code).toBe(1);
    expect(thawed.stderr).toContain('question 1 holds it');
    const listed = await place.command('ps');
    expect(listed.stdout).toContain('1 of 50 questions asked, 1 waiting');
    expect(said.out).not.toContain('middle');
    const allowed = await place.command('allow', '1');
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(allowed.stdout).toContain('not asked about again in this run');
    const { code, stderr } = await result;
    expect(code, stderr).toBe(0);
    expect(said.out).toContain('end');
    const asked = await desk.eventsOf('approval.ask');
    expect(asked).toHaveLength(1);
    expect(await desk.eventsOf('approval.answer')).toMatchObject([
      { question: 1, allow: true, digest: asked[0]?.digest, by: expect.stringContaining('uid') },
    ]);
    const controls = (await desk.eventsOf('control')).map(({ action, by }) => `${action} ${by}`);
    expect(controls).toContain('freeze finding');
    expect(controls).toContain('freeze supervisor');
    expect(controls).toContain('thaw supervisor');
  });

  test('a yes for once: asked again, and a no ends it', async () => {
    const { result, said } = start(TWICE);
    await desk.questions();
    expect((await place.command('allow', '1', '--once')).code).toBe(0);
    await until('the second question', () => said.err.includes('question 2 of run'));
    expect(said.out).toContain('middle');
    expect((await place.command('deny', '2')).code).toBe(0);
    const { code } = await result;
    expect(code).toBe(122);
    expect(said.out).not.toContain('end');
    expect(place.lastRecord().reason).toBe('finding');
    const answers = await desk.eventsOf('approval.answer');
    expect(answers.map(({ question, allow, detail }) => [question, allow, detail])).toEqual([
      [1, true, 'once'],
      [2, false, 'the run is ended'],
    ]);
  });

  test('nobody answers: it is ended; and nobody is asked beyond the budget', async () => {
    for (const [more, why] of [
      ['patience: 1s', 'no answer within 1s: the run is ended'],
      ['questions: 0', 'not asked: 0 of 0 questions were asked'],
    ] as const) {
      const { result, said } = start(TWICE, more);
      const { code, stderr } = await result;
      expect(code, stderr).toBe(122);
      expect(said.out).not.toContain('middle');
      expect(place.lastRecord().reason).toBe('finding');
      expect(await desk.eventsOf('approval.answer')).toMatchObject([
        { question: 1, allow: false, by: 'nobody', detail: why },
      ]);
    }
  });

  test('where the run is stopped the question is withdrawn', async () => {
    const { result, said } = start(TWICE);
    const { run } = await desk.questions();
    expect((await place.command('stop', run)).code).toBe(0);
    const { code } = await result;
    expect(code).not.toBe(0);
    expect(said.out).not.toContain('middle');
    expect(await desk.eventsOf('approval.answer')).toMatchObject([
      { question: 1, allow: false, detail: 'the run ended first' },
    ]);
  });
});
