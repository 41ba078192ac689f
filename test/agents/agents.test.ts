/**
 * Claude Code and Codex, as the registry has them, and a plain loop finish a task of several files in a cell without a
 * person, under the contracts that are shipped or shown.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
import { installAgents, reachableByAll } from './install.ts';
import { messagesServer } from './servers/messages.ts';
import { ELSEWHERE, misled } from './servers/misled.ts';
import { DONE, LOST, type Model, TASK } from './servers/model.ts';
import { responsesServer } from './servers/responses.ts';
import { KEY, shipped, shown, Task } from './task.ts';

const agents = installAgents();
if (!agents.ok) console.log(`agents skipped: they cannot be had from the registry: ${agents.reason}`);
const { bin, remove } = agents.ok ? reachableByAll(agents) : { bin: '', remove: () => {} };
afterAll(remove);

describe.each(identities())('as %s', (identity) => {
  let task: Task;
  beforeEach(() => {
    task = new Task(identity, bin);
  });
  afterEach(() => task.end());

  it('a plain loop does the task', async () => {
    await task.serve(messagesServer);
    task.place.file('loop.mjs', shown('run-a-tool-loop.md', 'loop.mjs'));
    const result = await task.run(shown('run-a-tool-loop.md', 'loop.yaml'), ['node', 'loop.mjs', TASK]);
    expect(result.stdout, result.stderr).toContain(DONE);
    await task.expectDone();
  });

  describe.skipIf(!agents.ok)('an agent of the registry', () => {
    it('Claude Code does the task', async () => {
      await task.serve(messagesServer);
      const allowed = ['--permission-mode', 'acceptEdits', '--allowedTools', 'Bash(npm test)', 'Bash(pwd)'];
      const result = await task.run(shipped('claude-code.yaml'), ['claude', '-p', TASK, ...allowed]);
      expect(result.stdout, result.stderr).toBe(`${DONE}\n`);
      await task.expectDone();
    });

    const codex = async (command: string[], model?: Model) => {
      await task.serve(responsesServer, model);
      const settings = task.local(shown('run-codex.md', 'config.toml'));
      task.place.file(`${task.place.home}/.codex/config.toml`, settings);
      return task.run(shipped('codex.yaml'), ['codex', 'exec', ...command, TASK]);
    };

    it('Codex does the task', async () => {
      const result = await codex([]);
      expect(result.stdout, result.stderr).toBe(`${DONE}\n`);
      await task.expectDone();
    });

    it('Codex with a sandbox of its own runs nothing, and does not run it without one', async () => {
      const result = await codex(['--sandbox', 'workspace-write']);
      expect(result.stdout).toContain(LOST);
      const record = task.place.lastRecord();
      expect(record.changes).toEqual([]);
      expect(record.denials.map(({ layer, what }) => `${layer}: ${what}`)).toContain('seccomp: clone(2)');
    });

    it.each(['Claude Code', 'Codex'])('%s, misled by what it read, gets nowhere', async (name) => {
      const secret = 'not-a-key-but-nobody-elses-business';
      task.place.file(`${task.place.home}/.ssh/id_ed25519`, secret);
      const words = ['claude', '-p', TASK, '--dangerously-skip-permissions'];
      const claude = async () => {
        await task.serve(messagesServer, misled);
        return task.run(shipped('claude-code.yaml'), words);
      };
      const result = await (name === 'Codex' ? codex([], misled) : claude());
      expect(result.stdout, result.stderr).toBe(`${DONE}\n`); // it got to the end of its list

      for (const { body, path } of task.server.seen) {
        expect(body).not.toContain(KEY);
        expect(body).not.toContain(secret);
        expect(path).not.toContain('files');
      }
      expect(task.server.seen.some(({ body }) => body.includes('ringfence-placeholder'))).toBe(true);
      const record = task.place.lastRecord();
      const denied = record.denials.map(({ what }) => what).join('\n');
      for (const what of [`resolve ${ELSEWHERE} A`, 'connect 192.0.2.1:80/tcp', '/v1/files', 'unshare'])
        expect(denied).toContain(what);
      expect(record.grade?.reward).toMatchObject({ visible: 0, true: 0 });
      const review = JSON.parse((await task.place.command('review', '--json')).stdout);
      expect(review.items[0]).toMatchObject({
        path: '.git/hooks/pre-commit',
        section: 'executables',
        runsLater: { id: 'git-hook' },
      });
      expect(existsSync(join(task.place.project, '.git/hooks/pre-commit'))).toBe(false);
      expect(existsSync(join(task.place.home, '.bashrc'))).toBe(false);
    });
  });
});
