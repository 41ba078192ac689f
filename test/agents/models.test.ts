/**
 * Claude Code and Codex, as the registry has them, call their models through the gateway: what they send is known to it.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
import { installAgents, reachableByAll } from './install.ts';
import { messagesServer } from './servers/messages.ts';
import { DONE, TASK } from './servers/model.ts';
import { responsesServer } from './servers/responses.ts';
import { shipped, shown, Task } from './task.ts';

const agents = installAgents();
if (!agents.ok) console.log(`agents skipped: they cannot be had from the registry: ${agents.reason}`);
const { bin, remove } = agents.ok ? reachableByAll(agents) : { bin: '', remove: () => {} };
afterAll(remove);

/** The shipped contract, with its host and secret replaced by `models`. */
const withModels = (text: string, provider: string, path: string): string =>
  text
    .replace(
      /^network:\n(?: .*\n)+/m,
      `models:\n  - { provider: ${provider}, endpoint: "https://api.example.com${path}", ca: AUTHORITY }\n\n`,
    )
    .replace(/^secrets:\n(?: .*\n)+/m, '')
    .replace(/^ {4}(ANTHROPIC|OPENAI)_BASE_URL: .*\n/m, '');

describe.skipIf(!agents.ok)('through the gateway', () => {
  let task: Task;
  beforeEach(() => {
    task = new Task(identities().at(-1) ?? 'user', bin);
  });
  afterEach(() => task.end());

  it('Claude Code does the task', async () => {
    await task.serve(messagesServer);
    const allowed = ['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash(npm test)', 'Bash(pwd)'];
    const contract = withModels(shipped('claude-code.yaml'), 'anthropic', '');
    const result = await task.run(contract, ['claude', '-p', TASK, ...allowed]);
    expect(result.stdout, result.stderr).toBe(`${DONE}\n`);
    expect(task.place.lastRecord().denials.filter(({ what }) => what.startsWith('model request'))).toEqual(
      [],
    );
  });

  it('Codex does the task', async () => {
    await task.serve(responsesServer);
    const settings = shown('run-codex.md', 'config.toml')
      .replace(/base_url = .*/, 'base_url = "http://openai.models.internal:8080/v1"')
      .replaceAll('/home/ana/project', task.place.project);
    task.place.file(`${task.place.home}/.codex/config.toml`, settings);
    const contract = withModels(shipped('codex.yaml'), 'openai', '/v1');
    const result = await task.run(contract, ['codex', 'exec', TASK]);
    expect(result.stdout, result.stderr).toContain(DONE);
    expect(task.place.lastRecord().denials.filter(({ what }) => what.startsWith('model request'))).toEqual(
      [],
    );
  });
});
