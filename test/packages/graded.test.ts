/**
 * Graders and packages: a grader gets the copies that runs of its contract have made, and nothing is fetched for it.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ofKind, type Terms } from '../egress/cell.ts';
import { HALVES } from '../egress/setting.ts';
import { beside, makeProject, makeSetting, personNamed, place, type Setting } from './setting.ts';
import { pack, Registry, SOURCES, WheelIndex, wheel } from './upstream.ts';

let setting: Setting;
let registry: Registry;
let index: WheelIndex;

beforeEach(async () => {
  setting = makeSetting();
  registry = new Registry(SOURCES.map((source) => pack(setting.scratch, source)));
  index = new WheelIndex([wheel(setting.scratch, 'tinyone', '1.0', 'A = 1\n')]);
  await registry.listen();
  await index.listen();
});

afterEach(() => {
  registry.close();
  index.close();
  setting.close();
});

const GRADER = `
const { get } = require('node:http');
const ask = (host, path) => new Promise((done) => get({ host, path }, (answer) => { answer.resume(); done(answer.statusCode); }));
(async () => {
  const got = [
    await ask('npm.packages.internal', '/tiny-left/-/tiny-left-1.3.0.tgz'),
    await ask('npm.packages.internal', '/@tiny/right/-/right-1.1.0.tgz'),
    await ask('npm.packages.internal', '/tiny-sum'),
    await ask('pip.packages.internal', '/files/tinyone/tinyone-1.0-py3-none-any.whl'),
  ].join(' ');
  console.log(got);
  process.exit(got === process.argv[2] ? 0 : 1);
})();`;

describe.each(HALVES)('%s', (who) => {
  test('a grader gets copies, with no index left to ask', { timeout: 120_000 }, async () => {
    const project = makeProject(personNamed(setting, who));
    try {
      place(project, 'grader.js', GRADER);
      const left = { name: 'tiny-left', version: '1.3.0' };
      beside(project, 'package-lock.json', registry.lock([left]));
      const terms: Terms = {
        contract: 'graded',
        network: [],
        packages: [
          { ecosystem: 'npm', from: registry.address, only: 'package-lock.json' },
          { ecosystem: 'pip', from: `${index.address}/simple`, only: ['tinyone==1.0'] },
        ],
      };
      // a first run fetches
      const first = await project.run(terms, 'node', 'grader.js', '200 404 404 200');
      expect(first.out, first.err).toBe('200 404 404 200\n');
      expect(ofKind(first.events, 'note').map(({ text }) => text)).toContainEqual(
        expect.stringMatching(/^packages\[0\]: 1 artefact of package-lock.json \(SHA-256 [0-9a-f]{64}\)$/),
      );
      registry.close();
      index.close();
      const objective = {
        success: { run: 'node grader.js "200 404 404 200"', protect: ['grader.js'] },
      };
      const second = await project.run({ ...terms, objective }, 'true');
      const { grade } = second.record as unknown as { grade: { reward?: object; left?: { output: string } } };
      expect(grade.left?.output).toContain('200 404 404 200');
      expect(grade.reward).toMatchObject({ visible: 1, true: 1 });
      expect(ofKind(second.events, 'package.fetch')).toEqual([]);
      // a list that grew since: the new one was never copied, and is not fetched for a grader
      const grown = [left, { name: '@tiny/right', version: '1.1.0' }];
      beside(project, 'package-lock.json', registry.lock(grown));
      const third = await project.run({ ...terms, objective }, 'true');
      const again = (third.record as unknown as { grade: typeof grade }).grade;
      expect(again.left?.output).toContain('200 404 404 200');
      // the run's own attempt, and none of the grader's
      expect(ofKind(third.events, 'package.fetch').length).toBeLessThanOrEqual(1);
    } finally {
      project.remove();
    }
  });
});
