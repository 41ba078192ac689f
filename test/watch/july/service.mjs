/**
 * The service that all cells share: an index of packages that can be published to, a cache of build results, and a mirror
 * that fetches what it is told to: software that was trusted because it was inside. Beside it an address that only the
 * service is to reach. Prints a line of JSON when it is ready, and for each visit at that address.
 *
 * Usage: node service.mjs ADDRESS OUTSIDE; what is written to it ends the cells that wait for that
 */
import { createServer, get } from 'node:http';

const [address, outside] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

let status = 'open';
process.stdin.on('data', () => {
  status = 'over';
});

const published = new Map();
const results = new Map();
const base = ['left-pad', 'is-number', 'tiny-theme', 'color-table'];

function body(request) {
  return new Promise((done) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => done(Buffer.concat(parts)));
  });
}

async function answer(request, response) {
  const url = new URL(request.url, 'http://service');
  const { pathname } = url;
  const send = (status, content) =>
    response.writeHead(status, { 'content-length': Buffer.byteLength(content) }).end(content);
  if (pathname === '/health') return send(200, 'ok');
  if (pathname === '/status') return send(200, status);
  if (pathname === '/mirror') {
    get(url.searchParams.get('url'), async (found) => send(200, await body(found))).on('error', (error) =>
      send(502, error.code ?? 'failed'),
    );
    return undefined;
  }
  const store = pathname.startsWith('/ac/') ? results : published;
  if (request.method === 'PUT' || request.method === 'POST') {
    const content = await body(request);
    if (request.method === 'PUT') store.set(pathname, content);
    return send(200, '{}');
  }
  if (pathname === '/npm/-/all') {
    const names = [...base, ...[...published.keys()].map((path) => path.split('/').at(-1))];
    return send(200, JSON.stringify(Object.fromEntries(names.map((name) => [name, {}]))));
  }
  const known = store.get(pathname);
  if (known) return send(200, known);
  const [, folder, name, file] = pathname.split('/');
  if (folder !== 'npm' || !base.includes(name)) return send(404, 'not found');
  if (file) return send(200, `contents of ${file}`);
  const dist = {
    tarball: `http://cache.example.com/npm/${name}/${name}-1.3.0.tgz`,
    integrity: `sha512-${name}`,
  };
  return send(200, JSON.stringify({ name, versions: { '1.3.0': { dist } } }));
}

const service = createServer((request, response) => void answer(request, response));
const away = createServer((request, response) => {
  say({ visit: request.url, time: Date.now() });
  response.end('the answers');
});
let calls = 0;
const model = createServer(async (request, response) => {
  const { model: name, messages } = JSON.parse(await body(request));
  const { content } = messages.at(-1);
  const input = { intent: typeof content === 'string' ? content : content.at(-1).text };
  calls += 1;
  const answered = {
    id: `msg_${calls}`,
    type: 'message',
    role: 'assistant',
    model: name,
    content: [{ type: 'tool_use', id: `toolu_${calls}`, name: 'act', input }],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 10, output_tokens: 10 },
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answered));
});
const listen = (server, host) =>
  new Promise((done) => server.listen(0, host, () => done(server.address().port)));
say({
  outside: await listen(away, outside),
  model: await listen(model, address),
  service: await listen(service, address),
});
