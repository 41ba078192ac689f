// What a hostile agent sends to the gateway of tools; prints the status of each attempt, and whether it still serves.
import { connect } from 'node:net';

const url = new URL(process.env.RINGFENCE_MCP_MAIL);
const raw = (text, ms = 3000) =>
  new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname);
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece;
    });
    const end = () => resolve(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed');
    socket.on('error', end);
    socket.on('close', end);
    setTimeout(() => socket.destroy(), ms);
    socket.write(text);
  });
const post = async (body, headers = {}, path = '/mcp', method = 'POST') => {
  try {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body }),
    });
    await answer.text();
    return String(answer.status);
  } catch (error) {
    return error.cause?.code ?? error.message;
  }
};
const head = (host) => `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
const said = {
  otherHost: await raw(`${head('other.tools.internal')}Content-Length: 2\r\nConnection: close\r\n\r\n{}`),
  smuggled: await raw(`${head(url.host)}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  notHttp: await raw('SSH-2.0-OpenSSH_9.2\r\n'),
  connect: await raw('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'),
  longHead: await raw(`${head(url.host)}X: ${'x'.repeat(70_000)}\r\n\r\n`),
  huge: await post('x'.repeat(5_000_000)),
  notJson: await post('{'),
  deep: await post('['.repeat(5000)),
  batch: await post('[{"jsonrpc":"2.0","id":1,"method":"ping"}]'),
  noSession: await post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'),
  madeUpSession: await post('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', { 'mcp-session-id': 'x' }),
  otherType: await post('{}', { 'content-type': 'text/plain' }),
  otherPath: await post('{}', {}, '/admin'),
  otherMethod: await post('{}', {}, '/mcp', 'PUT'),
};
const begin = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}',
});
const session = begin.headers.get('mcp-session-id');
const ask = async (method, params) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'mcp-session-id': session },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
  });
  const { error, result } = await answer.json();
  return error?.code ?? (result.isError ? 'denied' : 'ok');
};
said.resources = await ask('resources/read', { uri: 'file:///etc/passwd' });
said.sampling = await ask('sampling/createMessage', {});
said.prototype = await ask('tools/call', { name: '__proto__', arguments: {} });
said.still = await ask('tools/call', { name: 'echo', arguments: { text: 'x' } });
console.log(JSON.stringify(said));
