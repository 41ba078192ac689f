/**
 * pip and curl inside a cell: requirements with hashes from a page index, and a plain list of files.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ofKind } from '../egress/cell.ts';
import { HALVES, has } from '../egress/setting.ts';
import { beside, makeProject, makeSetting, personNamed, place, type Setting } from './setting.ts';
import { digest, Logged, type Wheel, WheelIndex, wheel } from './upstream.ts';

let setting: Setting;
let index: WheelIndex;
let wheels: { one: Wheel; two: Wheel; later: Wheel };

beforeAll(async () => {
  setting = makeSetting();
  const { scratch } = setting;
  wheels = {
    one: wheel(scratch, 'tinyone', '1.0', 'import tinytwo\nANSWER = tinytwo.HALF * 2\n', 'tinytwo'),
    two: wheel(scratch, 'tinytwo', '2.1', 'HALF = 21\n'),
    later: wheel(scratch, 'tinytwo', '3.0', 'HALF = 0\n'),
  };
  index = new WheelIndex(Object.values(wheels));
  await index.listen();
});

afterAll(() => {
  index.close();
  setting.close();
});

const requirement = ({ name, version, bytes }: Wheel): string =>
  `${name}==${version} \\\n    --hash=sha256:${digest('sha256', bytes, 'hex')}\n    # via nothing\n`;

describe.each(HALVES)('%s', (who) => {
  test('pip installs requirements with hashes, and nothing beside them', {
    timeout: 180_000,
  }, async (context) => {
    if (!has('python3', '-m', 'pip', '--version')) context.skip('python3 on the standard PATH has no pip');
    const project = makeProject(personNamed(setting, who));
    try {
      const text = requirement(wheels.one) + requirement(wheels.two);
      beside(project, 'requirements.txt', text);
      place(project, 'requirements.txt', text);
      const terms = {
        contract: 'pip',
        time: '3m',
        network: [],
        packages: [{ ecosystem: 'pip', from: `${index.address}/simple`, only: 'requirements.txt' }],
      };
      const venv = has('python3', '-c', 'import ensurepip');
      const install = (words: string) =>
        venv ? `venv/bin/pip -q install ${words}` : `python3 -m pip -q install --target site ${words}`;
      const command = [
        ...(venv ? ['python3 -m venv venv'] : []),
        install('--require-hashes -r requirements.txt'),
        `${venv ? 'venv/bin/python' : 'PYTHONPATH=site python3'} -c 'import tinyone; print("answer", tinyone.ANSWER)'`,
        `! ${install('tinytwo==3.0')}`,
        `! ${install('requests')}`,
      ].join(' && ');
      index.log.length = 0;
      const ended = await project.run(terms, 'sh', '-c', command);
      expect(ended.out, ended.err).toContain('answer 42');
      expect(ended.status, ended.err).toBe(0);
      expect(index.lines.sort()).toEqual([
        `GET /packages/${wheels.one.file}`,
        `GET /packages/${wheels.two.file}`,
        'GET /simple/tinyone/',
        'GET /simple/tinytwo/',
      ]);
      expect(new Set(ofKind(ended.events, 'package.request').map(({ clause }) => clause))).toEqual(
        new Set(['packages[0]']),
      );
    } finally {
      project.remove();
    }
  });

  test('curl gets the files of a list', async (context) => {
    if (!has('curl', '--version')) context.skip('curl is not on the standard PATH');
    const project = makeProject(personNamed(setting, who));
    const content = Buffer.from('a file\n');
    const files = new Logged((_, response) => response.end(content));
    await files.listen();
    try {
      beside(
        project,
        'files.txt',
        `# tools\n${digest('sha256', content, 'hex')}  ${files.address}/pub/tool.txt\n`,
      );
      const terms = {
        network: [],
        packages: [{ ecosystem: 'files', from: files.address, only: 'files.txt' }],
      };
      const host = `127.0.0.1:${files.port}`;
      const command = `curl -sf \${RINGFENCE_FILES}${host}/pub/tool.txt && ! curl -sf \${RINGFENCE_FILES}${host}/pub/other.txt && curl -sf $RINGFENCE_FILES`;
      const ended = await project.run(terms, 'sh', '-c', command);
      expect(ended.status, ended.err).toBe(0);
      expect(ended.out).toBe(
        `a file\n${digest('sha256', content, 'hex')}  http://files.packages.internal/${host}/pub/tool.txt\n`,
      );
      expect(files.lines).toEqual(['GET /pub/tool.txt']);
    } finally {
      files.close();
      project.remove();
    }
  });
});
