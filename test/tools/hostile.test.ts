/**
 * A hostile agent against the gateway of tools: nothing that it sends is passed on unread, and it serves on.
 */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identities } from '../run/place.ts';
import { Tools } from './setting.ts';

describe.each(identities().slice(-1))('as %s', (identity) => {
  let tools: Tools;
  beforeEach(() => {
    tools = new Tools(identity);
  });
  afterEach(() => tools.place.remove());

  it('malformed, huge, smuggled and made-up requests are refused, one by one', async () => {
    const contract = tools.contract('allow: [echo]');
    const script = join(import.meta.dirname, 'hostile.fixture.mjs');
    const result = await tools.place.run([process.execPath, script], {
      contract,
      options: ['--quiet'],
      within: 60,
    });
    expect(result.stdout, result.stderr).toContain('{');
    expect(JSON.parse(result.stdout)).toMatchObject({
      otherHost: '404',
      smuggled: '400',
      notHttp: '400',
      connect: '405',
      longHead: expect.stringMatching(/^(400|431|closed)$/),
      notJson: '400',
      deep: '400',
      batch: '400',
      noSession: '400',
      madeUpSession: '404',
      otherType: '415',
      otherPath: '404',
      otherMethod: '405',
      resources: -32601,
      sampling: -32601,
      prototype: 'denied',
      still: 'ok',
    });
    const events = await tools.events();
    expect(events.some((event) => event.kind === 'denial' && /tools\.internal/.test(event.what))).toBe(true);
    expect(events.some((event) => event.kind === 'tampering')).toBe(false);
  });
});
