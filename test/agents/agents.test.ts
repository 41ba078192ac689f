/**
 * Claude Code and Codex, as the registry has them, finish a task of several files in a cell without a person, under the
 * contracts that are shipped.
 */
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
import { installAgents, reachableByAll } from './install.ts';
import type { ModelServer } from './servers/listen.ts';
import { messagesServer } from './servers/messages.ts';
import { DONE, TASK } from './servers/model.ts';
import { responsesServer } from './servers/responses.ts';
import { contractFor, Task } from './task.ts';

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
    const result = await task.run(contractFor('claude-code.yaml', server.port), [
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
    const result = await task.run(contractFor('codex.yaml', server.port), [
      'codex',
      'exec',
      '--skip-git-repo-check',
      TASK,
    ]);
    expect(result.stdout, result.stderr).toBe(`${DONE}\n`);
    task.expectDone(server);
  });
});

/** As docs/how-to/run-codex.md shows it. */
const codexSettings = (url: string): string => `
model_provider = "own"
sandbox_mode = "danger-full-access"
approval_policy = "never"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
plugins = false
apps = false

[model_providers.own]
name = "own"
base_url = "${url}"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
`;
