/**
 * From a real turn through the model gateway to the programs and files of the tool call that it asked for.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Models } from '../models/setting.ts';
import { identities } from '../run/place.ts';

/** Asks the model, and carries out the one call that it answers with: a program, its child that stays, and a file. */
const AGENT = `
const { spawnSync } = require('node:child_process');
spawnSync('env', ['true', 'before']);
fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY, 'anthropic-version': '2023-06-01' },
  body: JSON.stringify({
    model: 'm-1', max_tokens: 100,
    messages: [{ role: 'user', content: 'Read my notes.' }],
    tools: [{ name: 'read_file', input_schema: { type: 'object' } }],
  }),
}).then((answer) => answer.json()).then(() => {
  spawnSync('sh', ['-c', 'cat notes.txt; (env true grandchild)']);
  require('node:fs').writeFileSync('notes.txt', 'seen');
});
`;

/** Asks the model, and declares the call that it answers with. */
const DECLARES = `${AGENT.slice(0, AGENT.indexOf('.then((answer)'))}.then((answer) => answer.json()).then(async () => {
  const declare = (body) => fetch(process.env.RINGFENCE_CALLS, { method: 'POST', body: JSON.stringify(body) });
  await declare({ event: 'start', call: 'call_1', tool: 'anything', arguments: {} });
  spawnSync('env', ['true', 'within']);
  await declare({ event: 'end', call: 'call_1', ok: true });
});
`;

describe.each(identities())('as %s', (identity) => {
  let models: Models;
  beforeEach(async () => {
    models = new Models(identity);
    await models.serve();
  });
  afterEach(() => models.end());

  test('turn → tool call → programs and files, and back', async () => {
    models.place.file('notes.txt', 'x\n');
    const { code, stderr } = await models.run(['node', '-e', AGENT]);
    expect(code, stderr).toBe(0);
    const events = await models.events();
    const executed = (line: string) =>
      events.find((event) => event.kind === 'process.exec' && event.owner.argv?.join(' ') === line);
    expect(executed('env true before')?.context).toBeUndefined();
    const cause = { turn: 'turn-1', toolCall: 'call_1' };
    expect(executed('cat notes.txt')?.context).toMatchObject(cause);
    expect(executed('true grandchild')?.context).toMatchObject({ ...cause, by: 'ancestor' });
    const change = events.find((event) => event.kind === 'file.change' && event.path.endsWith('notes.txt'));
    expect(change?.context).toMatchObject({ ...cause, by: 'command' });

    const trace = await models.place.command('trace', String(executed('true grandchild')?.seq), '--json');
    const { up, joined } = JSON.parse(trace.stdout);
    expect(up.slice(0, 2)).toMatchObject([
      { what: 'turn', id: 'turn-1' },
      { what: 'call', id: 'call_1' },
    ]);
    expect(joined.programs.all).toBeGreaterThan(joined.programs.joined);
    const down = await models.place.command('trace', 'call_1');
    expect(down.stdout).toContain('cat notes.txt');
    expect(down.stdout).toContain('true grandchild');

    const again = await models.place.command('watch', '--replay', '--json');
    expect(JSON.parse(again.stdout), again.stderr).toMatchObject({ failed: [], sameContract: true });
  });

  test('a call that the scaffold declares by the model’s id is the model’s call', async () => {
    const { code, stderr } = await models.run(
      ['node', '-e', DECLARES],
      models.contract('', 'oversight: { calls: declared }\n'),
    );
    expect(code, stderr).toBe(0);
    const events = await models.events();
    const executed = (line: string) =>
      events.find((event) => event.kind === 'process.exec' && event.owner.argv?.join(' ') === line);
    const cause = { turn: 'turn-1', toolCall: 'call_1' };
    const call = events.find((event) => event.kind === 'tool.call');
    expect(call).toMatchObject({ call: 'declared-1', context: { ...cause, by: 'span', confidence: 0.9 } });
    expect(executed('env true within')?.context).toEqual({ ...cause, by: 'span', confidence: 0.8 });
    const down = await models.place.command('trace', 'call_1');
    expect(down.stdout, down.stderr).toContain('env true within');
    expect(down.stdout).toContain('declared as call_1');
  });
});
