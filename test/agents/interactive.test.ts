/**
 * Claude Code and Codex as a person uses them: in a terminal, a task typed in, questions answered, and the end seen on
 * the screen.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
import { installAgents, reachableByAll } from './install.ts';
import { Screen } from './screen.ts';
import type { ModelServer } from './servers/listen.ts';
import { messagesServer } from './servers/messages.ts';
import { DONE, TASK } from './servers/model.ts';
import { responsesServer } from './servers/responses.ts';
import { codexSettings, contractFor, shipped, Task } from './task.ts';

const agents = installAgents();
if (!agents.ok) console.log(`agents skipped: they cannot be had from the registry: ${agents.reason}`);
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.log('agents skipped: tmux is not installed (Debian: tmux)');
const { bin, remove } = agents.ok ? reachableByAll(agents) : { bin: '', remove: () => {} };
afterAll(remove);

/** The start of Claude Code in docs/how-to/run-claude-code.md. */
const SEED = `cat >~/.claude.json <<END
{ "hasCompletedOnboarding": true, "projects": { "$PWD": { "hasTrustDialogAccepted": true } },
  "customApiKeyResponses": { "approved": ["$(printf %s "$ANTHROPIC_API_KEY" | tail -c 20)"] } }
END
exec claude "$@"`;

describe.skipIf(!agents.ok || !hasTmux).each(identities())('as %s', (identity) => {
  let task: Task;
  let server: ModelServer | undefined;
  let screen: Screen | undefined;
  beforeEach(() => {
    task = new Task(identity, bin);
  });
  afterEach(async () => {
    await screen?.close();
    await server?.close();
    task.place.remove();
  });

  const start = async (contract: string, command: string[]): Promise<Screen> => {
    const words = task.words(contract, command);
    screen = await Screen.start(task.place, words, { ...task.environment(), TERM: 'xterm-256color' });
    return screen;
  };

  it('Claude Code, which asks before each step', async () => {
    server = await messagesServer();
    const contract = contractFor(shipped('claude-code.yaml'), server.port);
    const at = await start(contract, ['sh', '-c', SEED, 'sh', '--permission-mode', 'default']);
    await at.until(/\? for shortcuts|❯ *$/m);
    await at.type(TASK);
    await at.until(new RegExp(TASK));
    await at.press('Enter');
    await at.until(new RegExp(DONE), [[/Do you want to .*\?[\s\S]*❯ 1\. Yes/, 'Enter']]);
    await at.type('/exit');
    await at.until(/❯ \/exit/);
    await at.press('Enter');
    const end = await at.until(/\[exit \d+\]/);
    expect(end).toContain('[exit 0]');
    task.expectDone(server);
  }, 90_000);

  it('Codex', async () => {
    server = await responsesServer();
    const url = `http://model.example.com:${server.port}/v1`;
    task.place.file(`${task.place.home}/.codex/config.toml`, codexSettings(url));
    const at = await start(contractFor(shipped('codex.yaml'), server.port), ['codex']);
    await at.until(/Ask Codex to do anything/, [[/❯? *1\. Yes/, 'Enter']]);
    await at.type(TASK);
    await at.until(new RegExp(TASK));
    await at.press('Enter');
    await at.until(new RegExp(DONE));
    await at.type('/quit');
    await at.until(/› \/quit/);
    await at.press('Enter');
    const end = await at.until(/\[exit \d+\]/);
    expect(end).toContain('[exit 0]');
    // announcements, asked for at each start of the terminal program; there is no setting for it
    const announcements = ['A', 'AAAA'].map((type) => `resolve raw.githubusercontent.com ${type}`);
    task.expectDone(server, announcements);
  }, 90_000);
});
