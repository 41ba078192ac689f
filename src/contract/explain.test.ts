import { describe, expect, test } from 'vitest';
import { explainContract, renderExplanation } from './explain.ts';
import { parseContract } from './load.ts';
import { formatProblem } from './problem.ts';

function explain(text: string) {
  const loaded = parseContract(`ringfence: 1\nname: t\n${text}`, 'c.yaml');
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return explainContract(loaded.contract, loaded.source);
}

test('a statement names the line it follows from, or the default', () => {
  const { may, mayNot } = explain('files:\n  write: [src/**]\ncompute: { memory: 1GiB }\n');
  expect(may).toContainEqual({ text: 'change what lies below src/**', clause: 'files.write', line: 4 });
  expect(may).toContainEqual({ text: 'use 1 GiB of memory', clause: 'compute.memory', line: 5 });
  expect(may).toContainEqual({ text: 'use 2 CPUs, or all there are if fewer', clause: 'compute.cpus' });
  expect(mayNot).toContainEqual({ text: 'reach any network: there is none inside', clause: 'network' });
});

test('success is stated, with where it is decided, and no reason to look twice', () => {
  const { stated, notes } = explain('objective: { success: { run: npm test } }\n');
  expect(stated).toEqual([
    {
      text: expect.stringMatching(
        /"npm test" exits with 0, in a fresh cell .* without network and secrets; nothing is protected/,
      ),
      clause: 'objective.success',
      line: 3,
    },
  ]);
  expect(notes).toEqual([]);
});

describe('what deserves a second look is said', () => {
  test.each([
    ['network: [{ host: "*.example.com" }]', /every name below example\.com/],
    ['network: [{ host: "*.example" }]', /whole top-level domain/],
    [
      'network: [{ host: 127.0.0.1, port: 80, protocol: http }]',
      /127\.0\.0\.1 is this machine itself; it is allowed because it is written out/,
    ],
    [
      'network: [{ host: 169.254.169.254, port: 80, protocol: http }]',
      /metadata service, which hands out credentials/,
    ],
    [
      'network: [{ host: a.example.com }]\nresolve: { a.example.com: [10.0.0.1] }',
      /leads to 10\.0\.0\.1, a private network/,
    ],
    ['network: [{ host: a.example.com, port: 22 }]', /if SSH is meant/],
    ['environment: { pass: [GITHUB_TOKEN] }', /looks like a secret/],
    ['files: { read: [~/.ssh] }', /usually holds credentials/],
    ['files: { read: ["~"] }', /the whole home is readable/],
    ['isolation: landlock', /reduced isolation/],
  ])('%s', (text, expected) => {
    const notes = explain(`${text}\n`).notes.map((note) => note.text);
    expect(notes.some((note) => expected.test(note))).toBe(true);
  });
  test('and nothing is said of a contract that is all defaults', () => expect(explain('').notes).toEqual([]));
});

test('as text it keeps to its width, keeps origins whole and cannot draw on a terminal', () => {
  const text = renderExplanation(
    explain('network:\n  - { host: a.example.com, bytes: 10MiB, connections: 5 }\n'),
    80,
  );
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toMatch(/reach a\.example\.com, port 443: HTTPS only/);
  expect(text).toContain('at most 10 MiB in all and 5 connections');
  expect(text).toContain('[line 4: network[0]]');
  expect(text).toContain('[default of compute.memory]');
  expect(text).not.toMatch(/\p{Cc}(?<!\n)/u);
  expect(text).toMatch(/not covered\n {2}- exfiltration: /);
});

test('a list that the agent can write without review deserves a second look', () => {
  const packages =
    'packages: [{ ecosystem: npm, from: https://packages.example.com, only: package-lock.json }]\n';
  const notes = (text: string) => explain(text + packages).notes.map(({ clause }) => clause);
  expect(notes('files: { workspace: { path: ., mode: direct } }\n')).toContain('packages[0].only');
  expect(notes('files: { workspace: ., write: ["src/**"] }\n')).not.toContain('packages[0].only');
  expect(notes('files: { workspace: { path: ., mode: direct }, write: ["src/**"] }\n')).not.toContain(
    'packages[0].only',
  );
  expect(notes('files: { workspace: { path: sub, mode: direct } }\n')).not.toContain('packages[0].only');
});
