/**
 * Claude Code and Codex as a person uses them: in a terminal, a task typed in, questions answered, and the end seen on
 * the screen.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, afterEach, beforeEach, describe, it } from 'vitest';
import { identities } from '../run/place.ts';
import { installAgents, reachableByAll } from './install.ts';
import { Screen } from './screen.ts';
import { messagesServer } from './servers/messages.ts';
import { DONE, TASK } from './servers/model.ts';
import { responsesServer } from './servers/responses.ts';
import { shipped, shown, Task } from './task.ts';

const agents = installAgents();
if (!agents.ok) console.log(`agents skipped: they cannot be had from the registry: ${agents.reason}`);
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
if (!hasTmux) console.log('agents skipped: tmux is not installed (Debian: tmux)');
const { bin, remove } = agents.ok ? reachableByAll(agents) : { bin: '', remove: () => {} };
afterAll(remove);

describe.skipIf(!agents.ok || !hasTmux).each(identities())('as %s', (identity) => {
  let task: Task;
  let screen: Screen | undefined;
  beforeEach(() => {
    task = new Task(identity, bin);
  });
  afterEach(async () => {
    await screen?.close();
    await task.end();
  });

  const start = async (contract: string, command: string[]): Promise<Screen> => {
    const words = task.words(contract, command);
    screen = await Screen.start(task.place, words, { ...task.environment(), TERM: 'xterm-256color' });
    return screen;
  };

  it('Claude Code, which asks before each step', async () => {
    await task.serve(messagesServer);
    task.place.file('start-claude.sh', shown('run-claude-code.md', 'start-claude.sh'));
    const command = ['sh', 'start-claude.sh', '--permission-mode', 'default'];
    const at = await start(shipped('claude-code.yaml'), command);
    await at.until(/❯\s*$/m);
    await at.type(TASK);
    await at.until(new RegExp(TASK));
    await at.press('Enter');
    await at.until(new RegExp(DONE), [[/Do you want to .*\?[\s\S]*❯ 1\. Yes/, 'Enter']]);
    await at.type('/exit');
    await at.until(/❯ \/exit/);
    await at.press('Enter');
    await at.until(/\[exit 0\]/);
    await task.expectDone();
  }, 120_000);

  it('Codex', async () => {
    await task.serve(responsesServer);
    task.place.file(
      `${task.place.home}/.codex/config.toml`,
      task.local(shown('run-codex.md', 'config.toml')),
    );
    const at = await start(shipped('codex.yaml'), ['codex']);
    await at.until(/Ask Codex to do anything/);
    await at.type(TASK);
    await at.until(new RegExp(TASK));
    await at.press('Enter');
    await at.until(new RegExp(DONE));
    await at.type('/quit');
    await at.until(/› \/quit/);
    await at.press('Enter');
    await at.until(/\[exit 0\]/);
    // announcements, asked for at each start of the terminal program; there is no setting for it
    await task.expectDone(['A', 'AAAA'].map((type) => `resolve raw.githubusercontent.com ${type}`));
  }, 120_000);
});
