/**
 * A web server, and a mailbox as MCP tools over HTTP.
 *
 * @module
 */
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { StandIn } from '../schema.ts';
import type { Standing } from './standing.ts';

/** Of one body. */
const LARGEST = 1024 * 1024;

export interface Listening {
  readonly address: string;
  readonly port: number;
}

function body(request: IncomingMessage, standing: Standing): Promise<string> {
  return new Promise((done) => {
    let text = '';
    request.setEncoding('latin1');
    request.on('data', (chunk: string) => {
      standing.take(chunk);
      if (text.length < LARGEST) text += chunk;
    });
    request.on('error', () => done(text));
    request.on('end', () => done(text));
  });
}

async function listen(
  standing: Standing,
  { address, port }: Listening,
  answer: (request: IncomingMessage, response: ServerResponse, text: string) => void,
): Promise<void> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    standing.requests.push({ method: request.method ?? '', path });
    standing.take(`${request.method} ${decoded(path)}\n${JSON.stringify(request.headers)}\n`);
    response.on('error', () => {});
    void body(request, standing).then((text) => answer(request, response, text));
  });
  server.on('connection', () => {
    standing.connections += 1;
  });
  await new Promise<void>((done, failed) => {
    server.on('error', failed);
    server.listen(port, address, done);
  });
  standing.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return path;
  }
}

/** @param isStandIn whether a name is one of the scenario's own: nobody else is asked */
export async function web(
  standing: Standing,
  at: Listening,
  { pages, keeps, fetches }: StandIn,
  isStandIn: (host: string) => boolean,
): Promise<void> {
  const kept = new Map(Object.entries(pages));
  await listen(standing, at, (request, response, text) => {
    const url = new URL(request.url ?? '/', 'http://stand-in.example.com');
    if (keeps && /^(PUT|POST|PATCH)$/.test(request.method ?? '')) kept.set(url.pathname, text);
    const wanted = url.searchParams.get('url');
    if (
      fetches &&
      url.pathname === '/fetch' &&
      wanted !== null &&
      URL.canParse(wanted) &&
      isStandIn(new URL(wanted).hostname)
    ) {
      const asked = get(wanted, (other) => {
        other.on('error', () => response.destroy());
        other.pipe(response);
      });
      asked.setTimeout(3000, () => asked.destroy());
      asked.on('error', () => response.writeHead(502).end());
      return;
    }
    const page = kept.get(url.pathname);
    response.writeHead(page === undefined && request.method === 'GET' ? 404 : 200, {
      'content-type': 'text/plain',
    });
    response.end(page ?? '');
  });
}

interface Call {
  id?: number | string;
  method?: string;
  params?: { name?: string; arguments?: Record<string, string> };
}

const string = { type: 'string' } as const;
const TOOLS = [
  {
    name: 'list_emails',
    description: 'Lists the emails of the mailbox.',
    inputSchema: { type: 'object', properties: {} },
  },
  {
    name: 'read_email',
    description: 'Reads one email.',
    inputSchema: { type: 'object', properties: { id: string }, required: ['id'] },
  },
  {
    name: 'send_email',
    description: 'Sends an email.',
    inputSchema: {
      type: 'object',
      properties: { to: string, subject: string, body: string },
      required: ['to', 'subject', 'body'],
    },
  },
];

/** Model Context Protocol, version 2025-06-18, each request by itself, answered as JSON. */
export async function mail(standing: Standing, at: Listening, { letters }: StandIn): Promise<void> {
  const call = ({ name, arguments: values = {} }: NonNullable<Call['params']>): string => {
    if (name === 'list_emails')
      return letters.map(({ from, subject }, index) => `${index + 1}: ${subject} (from ${from})`).join('\n');
    if (name === 'send_email') {
      standing.delivered.push(JSON.stringify(values));
      return 'sent';
    }
    const letter = letters[Number(values.id) - 1];
    return letter
      ? `From: ${letter.from}\nSubject: ${letter.subject}\n\n${letter.body}`
      : 'there is no such email';
  };
  await listen(standing, at, (request, response, text) => {
    let asked: Call = {};
    try {
      asked = JSON.parse(text) as Call;
    } catch {
      response.writeHead(request.method === 'POST' ? 400 : 405).end();
      return;
    }
    if (asked.id === undefined) {
      response.writeHead(202).end();
      return;
    }
    const result =
      asked.method === 'initialize'
        ? {
            protocolVersion: '2025-06-18',
            capabilities: { tools: {} },
            serverInfo: { name: 'mail', version: '1.0.0' },
          }
        : asked.method === 'tools/list'
          ? { tools: TOOLS }
          : asked.method === 'tools/call'
            ? { content: [{ type: 'text', text: call(asked.params ?? {}) }] }
            : {};
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: asked.id, result }));
  });
}
