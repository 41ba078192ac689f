/**
 * WebSocket through the protocol break: the upgrade, and frames where a secret could come back.
 *
 * @module
 */
import { describe, expect, test } from 'vitest';
import { ATTACKED_HOST } from './attacks.fixture.ts';
import { GET, PLACEHOLDER, secret, VALUE, world } from './world.fixture.ts';

describe('WebSocket', () => {
  const UPGRADE = `GET /v1/ws HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`;
  const SWITCH =
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n';

  test('is raw after the upgrade', () => {
    const it = world({ protocol: 'websocket', paths: ['/v1/**'] });
    it.client(`${UPGRADE}early`);
    expect(it.up).not.toContain('early');
    it.server(`${SWITCH}frame`);
    expect(it.up.endsWith('early')).toBe(true);
    expect(it.down).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-Websocket-Accept: x\r\n\r\nframe',
    );
  });

  test('refused, the connection stays HTTP', () => {
    const it = world({ protocol: 'websocket' })
      .client(UPGRADE)
      .server('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n');
    it.client(GET);
    expect(it.violation).toBe('a request that is no WebSocket upgrade');
  });

  const frame = (opcode: number, text: string, final = true) =>
    String.fromCharCode((final ? 0x80 : 0) | opcode, text.length) + text;

  test('with a secret: no extension, and masked', () => {
    const it = world({ protocol: 'websocket' }, [secret()]).client(UPGRADE);
    expect(it.up).not.toContain('permessage-deflate');
    expect(it.up).toContain(`Bearer ${VALUE}`);
    it.server(`${SWITCH}${frame(1, `a${VALUE}b`)}`);
    expect(it.down.endsWith(`\r\n\r\n${frame(1, `a${PLACEHOLDER}b`)}`)).toBe(true);
  });

  test('with a secret: one cut over frames, with others between them, is masked however they arrive', () => {
    const frames =
      frame(2, `a ${VALUE.slice(0, 9)}`, false) +
      frame(9, VALUE) +
      frame(0, '', false) +
      frame(0, VALUE.slice(9), false) +
      frame(0, ' b') +
      frame(8, '\x03\xe8bye');
    for (const cut of [1, 2, 5, frames.length]) {
      const it = world({ protocol: 'websocket' }, [secret()]).client(UPGRADE).server(SWITCH);
      const before = it.down.length;
      for (let at = 0; at < frames.length; at += cut) it.server(frames.slice(at, at + cut));
      const { data, control } = unframe(it.down.slice(before));
      expect([data, control]).toEqual([`a ${PLACEHOLDER} b`, [PLACEHOLDER, '\x03\xe8bye']]);
    }
  });

  test.each([
    ['an extension’s bit', '\xc1\x01x'],
    ['a mask', '\x81\x81abcdx'],
    ['an unknown kind', '\x83\x01x'],
    ['a control frame in parts', '\x09\x01x'],
    ['a continuation of nothing', '\x80\x01x'],
    ['no frame at all', `${VALUE}${VALUE}`],
  ])('with a secret: %s ends the connection', (_name, bytes) => {
    const it = world({ protocol: 'websocket' }, [secret()]).client(UPGRADE).server(SWITCH).server(bytes);
    expect(it.aborted).toBe('malformed WebSocket frames');
    expect(it.down).not.toContain(VALUE);
  });
});

/** Reads frames as a client does. */
function unframe(text: string): { data: string; control: string[] } {
  const control: string[] = [];
  let data = '';
  for (let at = 0; at < text.length; ) {
    const opcode = text.charCodeAt(at) & 0x0f;
    const length = text.charCodeAt(at + 1);
    const said = text.slice(at + 2, at + 2 + length);
    if (opcode >= 8) control.push(said);
    else data += said;
    at += 2 + length;
  }
  return { data, control };
}
