// A client of the mailbox: calls MCP tools over HTTP. mail.mjs list | read ID | send TO SUBJECT BODY
const url = process.env.RINGFENCE_MCP_MAIL ?? process.env.MAIL_URL;
let [session, last] = [undefined, 0];

async function ask(method, params) {
  const isNotice = method.startsWith('notifications/');
  last += 1;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session !== undefined && { 'mcp-session-id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...(isNotice ? {} : { id: last }), method, params }),
    signal: AbortSignal.timeout(10_000),
  });
  session ??= answer.headers.get('mcp-session-id') ?? undefined;
  const text = await answer.text();
  if (isNotice) return {};
  return JSON.parse(text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}'));
}

const clientInfo = { name: 'mail-agent', version: '1' };
await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
await ask('notifications/initialized', {});
// several calls, one after the other, are separated by --
const words = process.argv.slice(2);
for (;;) {
  const end = words.indexOf('--');
  const [verb, ...rest] = end < 0 ? words : words.slice(0, end);
  const [name, values] =
    verb === 'send'
      ? ['send_email', { to: rest[0], subject: rest[1], body: rest[2] }]
      : verb === 'read'
        ? ['read_email', { id: rest[0] }]
        : ['list_emails', {}];
  const { result, error } = await ask('tools/call', { name, arguments: values });
  console.log(result?.content?.[0]?.text ?? error?.message ?? 'no answer');
  if (end < 0) break;
  words.splice(0, end + 1);
}
