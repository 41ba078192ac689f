/**
 * What no list names, asked for inside: the operator is shown what would be sent, nothing is sent before a yes, and what
 * was allowed is gone with the run.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ofKind, type Project, type Terms } from '../egress/cell.ts';
import { HALVES } from '../egress/setting.ts';
import { beside, makeProject, makeSetting, personNamed, place, type Setting } from './setting.ts';
import { digest, pack, Registry, SOURCES, type Wheel, WheelIndex, wheel } from './upstream.ts';

let setting: Setting;
let registry: Registry;
let index: WheelIndex;
let own: Wheel;

beforeAll(async () => {
  setting = makeSetting();
  registry = new Registry(SOURCES.map((source) => pack(setting.scratch, source)));
  own = wheel(setting.scratch, 'tinyone', '1.0', 'A = 1\n');
  index = new WheelIndex([own, wheel(setting.scratch, 'tinytwo', '2.1', 'B = 2\n')]);
  await registry.listen();
  await index.listen();
});

afterAll(() => {
  registry.close();
  index.close();
  setting.close();
});

/** Asks for each path in turn and prints the first line of each answer, and how much came. */
const ASK = `
const { request } = require('node:http');
const paths = JSON.parse(process.argv[2]);
(async () => {
  for (const path of paths)
    await new Promise((done) => {
      request({ host: process.argv[1], path }, (answer) => {
        let text = '';
        answer.setEncoding('latin1').on('data', (data) => (text += data));
        answer.on('end', () => { console.log(answer.statusCode, path, text.length); done(); });
      }).end();
    });
})();`;

const NPM = 'npm.packages.internal';

interface Waiting {
  run: string;
  questions: { question: number; effect: string; what: string; opens: string }[];
}

describe.each(HALVES)('%s', (who) => {
  const projects: Project[] = [];

  afterEach(() => {
    for (const project of projects.splice(0)) project.remove();
  });

  const fresh = (): Project => {
    const project = makeProject(personNamed(setting, who));
    projects.push(project);
    beside(project, 'package-lock.json', registry.lock([{ name: '@tiny/right', version: '1.1.0' }]));
    registry.log.length = 0;
    index.log.length = 0;
    return project;
  };

  const terms = (): Terms => ({
    contract: 'asked',
    network: [],
    packages: [
      { ecosystem: 'npm', from: registry.address, only: 'package-lock.json' },
      { ecosystem: 'pip', from: `${index.address}/simple`, only: ['tinyone==1.0'] },
    ],
    approve: ['packages.new'],
  });

  /** Waits for questions and answers each of them; returns what was asked. */
  const answering = async (project: Project, answer: 'allow' | 'deny', over: () => boolean) => {
    const asked: string[] = [];
    while (!over()) {
      const runs = JSON.parse(project.ringfence('questions', '--json')) as Waiting[];
      for (const { run, questions } of runs)
        for (const { question, what, effect } of questions) {
          expect(effect).toBe('packages.new');
          asked.push(`${what} | sent so far: ${[...registry.lines, ...index.lines].length}`);
          project.ringfence(answer, run, String(question));
        }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return asked;
  };

  const ask = async (project: Project, answer: 'allow' | 'deny', host: string, paths: readonly string[]) => {
    const running = project.start(terms(), ['node', '-e', ASK, host, JSON.stringify(paths)]);
    let over = false;
    const ended = running.ended.finally(() => {
      over = true;
    });
    const asked = await answering(project, answer, () => over);
    return { asked, ended: await ended };
  };

  const folders = (project: Project): string[] => {
    const store = join(project.root, 'home/.cache/ringfence/packages');
    return readdirSync(store).flatMap((folder) => readdirSync(join(store, folder)));
  };

  test('an unlisted package is asked about, twice, and served for this run', {
    timeout: 90_000,
  }, async () => {
    const project = fresh();
    const left = registry.packed('tiny-left', '1.3.0');
    const { asked, ended } = await ask(project, 'allow', NPM, ['/tiny-left', left.path, left.path]);
    expect(ended.out.split('\n')).toEqual([
      expect.stringMatching(/^200 \/tiny-left \d+$/),
      `200 ${left.path} ${left.bytes.length}`,
      `200 ${left.path} ${left.bytes.length}`,
      '',
    ]);
    expect(asked.map((text) => text.split(' | ')[0])).toEqual([
      `ask for the versions of the npm package tiny-left: GET ${registry.address}/tiny-left`,
      `fetch the npm package tiny-left 1.3.0 (${left.integrity}): GET ${registry.address}${left.path}`,
    ]);
    // the listed one is fetched by itself; nothing of the question was sent before its answer
    expect(registry.lines.filter((line) => line.includes('tiny-left'))).toEqual([
      'GET /tiny-left',
      `GET ${left.path}`,
    ]);
    const fetched = ofKind(ended.events, 'package.fetch').filter(({ name }) => name === 'tiny-left');
    expect(fetched.map(({ clause }) => clause)).toEqual(['oversight.approve', 'oversight.approve']);
    expect(fetched[1]?.digest).toBe(left.integrity);
    expect(ofKind(ended.events, 'approval.answer').map(({ allow }) => allow)).toEqual([true, true]);
    // nothing of it is left to the next run: one copy of what is listed, one of the wheel's, and what was told of that
    expect(folders(project).filter((name) => name.startsWith('.'))).toEqual([]);
    const again = await ask(project, 'deny', NPM, [left.path]);
    expect(again.asked).toHaveLength(1);
    expect(again.ended.out).toContain(`404 ${left.path}`);
  });

  test('no: nothing is sent, and it is not there', { timeout: 90_000 }, async () => {
    const project = fresh();
    const { asked, ended } = await ask(project, 'deny', NPM, [
      '/tiny-sum',
      '/tiny-left/-/tiny-left-1.0.0.tgz',
    ]);
    expect(ended.out).toMatch(/^404 \/tiny-sum \d+\n404 \/tiny-left/);
    expect(asked).toHaveLength(2);
    expect(registry.lines).toEqual(['GET /@tiny/right/-/right-1.1.0.tgz']);
    expect(ofKind(ended.events, 'denial').map(({ what }) => what)).toEqual([
      expect.stringContaining('not listed, and denied by the operator'),
      expect.stringContaining('not listed, and denied by the operator'),
    ]);
  });

  test('what is no name, or not at the index, is not asked about', { timeout: 90_000 }, async () => {
    const project = fresh();
    const paths = [
      '/Tiny-Left',
      '/tiny-left?message=1',
      '/tiny-left/',
      '/%74iny-left',
      '/tiny%2fleft',
      '/@tiny%252fright2',
      '/@a/b/c',
      '/.hidden',
      '/-/v1/search',
      '/tiny-left/-/..tgz',
      `/${'a'.repeat(300)}`,
      '/tiny-left/1.0.0',
      '/xn--mnchen-3ya.',
    ];
    const { asked, ended } = await ask(project, 'allow', NPM, paths);
    const odd = ended.out.split('\n').filter((line) => line !== '' && !line.startsWith('404'));
    expect(odd).toEqual([]);
    // a trailing dot is a character of a name
    expect(asked.map((text) => text.split(':')[0])).toEqual([
      'ask for the versions of the npm package xn--mnchen-3ya.',
    ]);
    // a version that the index does not tell of reaches nobody
    const message = '/tiny-sum/-/tiny-sum-9.9.9-secret.tgz';
    const other = await ask(fresh(), 'allow', NPM, [message]);
    expect(other.asked).toHaveLength(1);
    expect(other.ended.out).toContain('404');
    expect(registry.lines.filter((line) => line.includes('secret'))).toEqual([]);
  });

  test('for pip: a page, then a file of it', { timeout: 90_000 }, async () => {
    const project = fresh();
    place(project, 'unused', '');
    const file = 'tinytwo-2.1-py3-none-any.whl';
    const paths = ['/simple/tinytwo/', `/files/tinytwo/${file}`, '/simple/TinyTwo/', '/simple/tiny_two/'];
    const { asked, ended } = await ask(project, 'allow', 'pip.packages.internal', paths);
    expect(ended.out).toMatch(/^200 .*\n200 .*\n404 .*\n404 /);
    expect(asked.map((text) => text.split(' | ')[0])).toEqual([
      `ask for the versions of the Python package tinytwo: GET ${index.address}/simple/tinytwo/`,
      expect.stringMatching(
        new RegExp(
          `^fetch the Python package tinytwo 2.1 \\(sha256-.*\\): GET ${index.address}/packages/${file}$`,
        ),
      ),
    ]);
    expect(digest('sha256', own.bytes)).not.toBe('');
  });

  test('a question that is open when the run ends is denied; --for means nothing here and says so', {
    timeout: 90_000,
  }, async () => {
    const project = fresh();
    const running = project.start(terms(), ['node', '-e', ASK, NPM, JSON.stringify(['/tiny-left'])]);
    let waiting: Waiting | undefined;
    await expect
      .poll(
        () => {
          [waiting] = (JSON.parse(project.ringfence('questions', '--json')) as Waiting[]).filter(
            ({ questions }) => questions.length > 0,
          );
          return waiting?.questions[0]?.opens;
        },
        { timeout: 30_000 },
      )
      .toContain('other people’s code');
    expect(() => project.ringfence('allow', waiting?.run ?? '', '1', '--for', '10m')).toThrow(
      /no port, no protocol/,
    );
    project.ringfence('stop', waiting?.run ?? '');
    const ended = await running.ended;
    expect(registry.lines).toEqual(['GET /@tiny/right/-/right-1.1.0.tgz']);
    expect(ofKind(ended.events, 'approval.answer').map(({ allow }) => allow)).toEqual([false]);
  });
});
