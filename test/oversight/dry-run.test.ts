/**
 * `run --dry-run` shows what would be, runs nothing and leaves nothing.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodePlan } from '../../src/cell/plan/index.ts';
import type { Plan } from '../../src/contract/index.ts';
import { identities, Place } from '../run/place.ts';
import { installRecording } from './recorded-plan.ts';

/** What differs from run to run: its id, with the process that keeps it, and as root the ids that are nobody's. */
const normal = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replaceAll(/\d{8}-\d{6}-[0-9a-f]{6}(-\d+-\d+-\d+)?/g, 'RUN')
    .replaceAll(/(?<!\d)(18[78]\d{7}|189\d{7})(?!\d)/g, 'ID');

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  const dryRun = (contract: string, ...options: string[]) => {
    const words = place.runWords(['sh', '-c', 'touch ran; touch /tmp/ran'], { contract });
    const at = words.indexOf('--json');
    words.splice(at, 2, '--dry-run', ...options);
    return place.start(words, { env: { DEMO_TOKEN: 'a-value-that-nobody-may-see' } }).result;
  };

  test('the plan for people: files, rights, limits, names, network', async () => {
    place.file('src/keep', '');
    const { code, stdout, stderr } = await dryRun(
      `files: { workspace: ../home/project, write: [src/**] }
network: [{ host: api.example.com, port: 8443, protocol: https }]
environment: { pass: [DEMO_TOKEN], set: { COLOUR: blue } }
compute: { memory: 1GiB }
oversight: { approve: [network.new-host], patience: 90s }
`,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('nothing ran');
    expect(stdout).toContain("sh -c 'touch ran; touch /tmp/ran'");
    expect(stdout).toContain(`${place.project} as an overlay`);
    expect(stdout).toMatch(new RegExp(`write below +${place.project}/src `));
    expect(stdout).toMatch(/memory +1 ?GiB: (hard|supervised), /);
    expect(stdout).toContain('api.example.com:8443 https');
    expect(stdout).toContain('unanswered within 1m 30s it is denied once');
    expect(stdout).toContain('DEMO_TOKEN');
    expect(stdout).toContain('COLOUR');
    expect(stdout).not.toContain('nobody-may-see');
    expect(stdout).toContain('gateway');
  });

  test('the plan for programs is whole, and holds no secret', async () => {
    const { code, stdout } = await dryRun('environment: { pass: [DEMO_TOKEN] }\n', '--json', '-');
    expect(code).toBe(0);
    expect(stdout).not.toContain('nobody-may-see');
    const { plan, version } = JSON.parse(stdout) as { plan: string[][]; version: number };
    expect(version).toBe(1);
    expect(plan[0]?.[0]).toBe('kind');
    expect(plan.at(-1)).toEqual(['end']);
    expect(plan).toContainEqual(['gateway', 'off']);
    expect(plan.filter(([name]) => name === 'arg').map(([, word]) => word)).toEqual([
      '=sh',
      '=-c',
      '=touch ran; touch /tmp/ran',
    ]);
  });

  test.each([
    [
      'an overlay, limits, a passed variable',
      'environment: { pass: [DEMO_TOKEN] }\ncompute: { memory: 1GiB }\n',
    ],
    [
      'hosts, questions, programs',
      'network: [{ host: api.example.com }]\noversight: { approve: [network.new-host] }\nprograms: [sh, touch]\n',
    ],
    ['a direct workspace', 'files: { workspace: { path: ../home/project, mode: direct }, write: ["**"] }\n'],
  ])('it is the plan that a run is started with: %s', async (_, contract) => {
    const { program, plans } = installRecording(place);
    place.file('src/keep', 'kept');
    const words = (...options: string[]) => [
      program,
      ...place.runWords(['sh', '-c', 'touch ran'], { contract, options }).slice(1),
    ];
    const env = { DEMO_TOKEN: 'a-value-that-nobody-may-see' };
    const shown = join(place.root, 'records/plan.json');
    const dry = words('--dry-run');
    dry[dry.indexOf('--json') + 1] = shown;
    expect((await place.start(dry, { env }).result).stderr).toBe('');
    expect(plans()).toEqual([]);
    const { plan } = JSON.parse(readFileSync(shown, 'utf8')) as { plan: Plan };
    const real = await place.start(words('-q'), { env }).result;
    expect(real).toMatchObject({ code: 0, stderr: '' });
    const [used, ...others] = plans();
    expect(others).toEqual([]);
    const redacted = (used as Buffer).toString('latin1').replace(
      env.DEMO_TOKEN,
      plan
        .flat()
        .find((word) => word.startsWith('DEMO_TOKEN='))
        ?.slice(11) ?? env.DEMO_TOKEN,
    );
    expect(normal(Buffer.from(redacted, 'latin1')).split('\0\0')).toEqual(
      normal(encodePlan(plan)).split('\0\0'),
    );
  });

  test('nothing ran, and nothing stays behind', async () => {
    await dryRun('');
    await dryRun('isolation: landlock\n');
    expect(existsSync(join(place.project, 'ran'))).toBe(false);
    const runs = join(place.state, 'ringfence/runs');
    expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
    expect((await place.command('runs')).stdout).not.toMatch(/^\d{8}-/m);
  });

  test('a contract that could not run cannot be shown either', async () => {
    const { code, stderr } = await dryRun('files: { workspace: ../home/project, write: [absent/**] }\n');
    expect(code).toBe(125);
    expect(stderr).toContain('absent');
    const runs = join(place.state, 'ringfence/runs');
    expect(existsSync(runs) ? readdirSync(runs) : []).toEqual([]);
  });
});
