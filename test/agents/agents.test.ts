/**
 * Claude Code and Codex, as the registry has them, finish a task of several files in a cell without a person, under the
 * contracts that are shipped.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBlocks } from '../docs/console.ts';
import { identities, ROOT } from '../run/place.ts';
import { installAgents, reachableByAll } from './install.ts';
import type { ModelServer } from './servers/listen.ts';
import { messagesServer } from './servers/messages.ts';
import { DONE, TASK } from './servers/model.ts';
import { responsesServer } from './servers/responses.ts';
import { codexSettings, contractFor, shipped, Task } from './task.ts';

const agents = installAgents();
if (!agents.ok) console.log(`agents skipped: they cannot be had from the registry: ${agents.reason}`);
const { bin, remove } = agents.ok ? reachableByAll(agents) : { bin: '', remove: () => {} };
afterAll(remove);

describe.skipIf(!agents.ok).each(identities())('as %s', (identity) => {
  let task: Task;
  let server: ModelServer | undefined;
  beforeEach(() => {
    task = new Task(identity, bin);
  });
  afterEach(async () => {
    await server?.close();
    task.place.remove();
  });

  it('Claude Code does the task', async () => {
    server = await messagesServer();
    const allowed = ['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash(npm test)', 'Bash(pwd)'];
    const result = await task.run(contractFor(shipped('claude-code.yaml'), server.port), [
      'claude',
      '-p',
      TASK,
      ...allowed,
    ]);
    expect(result.stdout, result.stderr).toBe(`${DONE}\n`);
    task.expectDone(server);
    expect(server.seen.every(({ headers }) => (headers['x-api-key'] ?? 'sk-test') === 'sk-test')).toBe(true);
  });

  it('Codex does the task', async () => {
    server = await responsesServer();
    task.place.file(
      `${task.place.home}/.codex/config.toml`,
      codexSettings(`http://model.example.com:${server.port}/v1`),
    );
    const result = await task.run(contractFor(shipped('codex.yaml'), server.port), [
      'codex',
      'exec',
      '--skip-git-repo-check',
      TASK,
    ]);
    expect(result.stdout, result.stderr).toBe(`${DONE}\n`);
    task.expectDone(server);
  });

  it('a plain loop does the task', async () => {
    server = await messagesServer();
    const page = readBlocks(readFileSync(join(ROOT, 'docs/how-to/run-a-tool-loop.md'), 'utf8'));
    const block = (path: string) =>
      page.flatMap((one) => (one.kind === 'file' && one.path === path ? one.text : []))[0] ?? '';
    task.place.file('loop.mjs', block('loop.mjs'));
    const result = await task.run(contractFor(block('loop.yaml'), server.port), ['node', 'loop.mjs', TASK]);
    expect(result.stdout, result.stderr).toContain(DONE);
    task.expectDone(server);
  });
});
