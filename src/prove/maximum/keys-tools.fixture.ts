/**
 * Keys of `tools` and `people`, each widened alone.
 *
 * @module
 */

export interface Widened {
  /** Contract, as YAML without its head. */
  readonly from: string;
  readonly to: string;
  /** Clause that it is found at. */
  readonly at: string;
}

const TOOL = 'tools: [{ mcp: { m: { command: x } }, allow: [a] }]';
/** An entry of tools with `part` of it written as `wide`, against the one that has `narrow` there. */
const tool = (part: string, wide: string, narrow = part): Widened => ({
  from: TOOL.replace(part, narrow),
  to: TOOL.replace(part, wide),
  at: 'tools[0]',
});
const PERSON = `${TOOL}\npeople: [{ channel: email, tools: [a], recipients: [b@example.com] }]`;
const person = (part: string, wide: string, narrow = part): Widened => ({
  from: PERSON.replace(part, narrow),
  to: PERSON.replace(part, wide),
  at: 'people',
});

export const TOOLS_WIDENED: Readonly<Record<string, readonly Widened[]>> = {
  'tools[].mcp': [{ from: '', to: TOOL, at: 'tools[0]' }, tool('mcp: { m:', 'mcp: { n:')],
  'tools[].mcp.*.command': [tool('command: x', 'command: y')],
  'tools[].mcp.*.args': [tool('command: x', 'command: x, args: [a]')],
  'tools[].mcp.*.env.*': [tool('command: x', 'command: x, env: { A: b }')],
  'tools[].mcp.*.cwd': [tool('command: x', 'command: x, cwd: /srv')],
  'tools[].mcp.*.type': [tool('command: x', 'type: stdio, command: x')],
  'tools[].mcp.*.url': [tool('command: x', 'url: "https://a.example.com/mcp"')],
  'tools[].mcp.*.headers.*': [
    tool(
      'command: x',
      'url: "https://a.example.com/mcp", headers: { a: b }',
      'url: "https://a.example.com/mcp"',
    ),
  ],
  'tools[].mcp.*.ca': [
    tool('command: x', 'url: "https://a.example.com/mcp", ca: own.pem', 'url: "https://a.example.com/mcp"'),
  ],
  'tools[].servers': [tool('allow', 'servers: [m], allow')],
  'tools[].allow': [tool('allow: [a]', 'allow: [a, b]')],
  'tools[].approve': [tool('allow: [a]', 'allow: [a], approve: [b]')],
  'tools[].deny': [tool('allow: [a]', 'allow: [a]', 'allow: [a], deny: [b]')],
  'tools[].when.*': [tool('allow: [a]', 'allow: [a]', 'allow: [a], when: { a: "calls < 3" }')],
  'tools[].cell': [tool('allow: [a]', 'allow: [a]', 'allow: [a], cell: server.yaml')],
  'tools[].pins': [tool('allow: [a]', 'allow: [a]', 'allow: [a], pins: pins.json')],
  'tools[].confidential': [tool('allow: [a]', 'allow: [a]', 'allow: [a], confidential: [a]')],
  'tools[].time': [tool('allow: [a]', 'allow: [a], time: 61s')],
  'tools[].result': [tool('allow: [a]', 'allow: [a], result: 2MiB')],
  'tools[].calls': [tool('allow: [a]', 'allow: [a], calls: 20k')],
  'people[].channel': [person('channel: email', 'channel: chat')],
  'people[].tools': [person('tools: [a]', 'tools: [m.a]')],
  'people[].fields.to': [person('channel', 'fields: { to: [x] }, channel')],
  'people[].fields.subject': [person('channel', 'fields: { subject: x }, channel')],
  'people[].fields.body': [person('channel', 'fields: { body: [x] }, channel')],
  'people[].recipients': [person(', recipients: [b@example.com]', '')],
  'people[].approve': [person('channel', 'approve: flagged, channel')],
  'people[].leverage[].about': [
    person(
      'channel',
      'leverage: [{ about: [Al], facts: [abc] }], channel',
      'leverage: [{ about: [Bo], facts: [abc] }], channel',
    ),
  ],
  'people[].leverage[].facts': [
    person(
      'channel',
      'leverage: [{ about: [Al], facts: [abc] }], channel',
      'leverage: [{ about: [Al], facts: [abd] }], channel',
    ),
  ],
};
