/**
 * A host that gives back all that it is sent, in every way that a careless or a helpful server would: what comes in is
 * remembered, so that a test can tell "was not sent" from "was not given back".
 *
 * @module
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

export interface Reflector {
  handler: RequestListener;
  /** every request's line and headers, as they arrived */
  received: string[];
}

type Way = (seen: string, response: ServerResponse, request: IncomingMessage) => void;

const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ');

/** Headers that carry credentials, alone. */
function credentials({ headers, url }: IncomingMessage): string {
  return [headers.authorization, headers['x-api-key'], headers.cookie, url]
    .filter((one) => one !== undefined)
    .join(' ');
}

const WAYS: Record<string, Way> = {
  plain: (seen, response) => response.end(seen),
  json: (seen, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ seen })),
  base64: (seen, response) => response.end(Buffer.from(seen).toString('base64')),
  'base64-shifted': (seen, response) =>
    response.end(['', 'x', 'xx'].map((pad) => Buffer.from(pad + seen).toString('base64')).join('\n')),
  base64url: (seen, response) => response.end(Buffer.from(seen).toString('base64url')),
  hex: (seen, response) => response.end(Buffer.from(seen).toString('hex')),
  'hex-capital': (seen, response) => response.end(Buffer.from(seen).toString('hex').toUpperCase()),
  html: (seen, response) => response.end(`<pre>${html(seen)}</pre>`),
  percent: (seen, response) => response.end(encodeURIComponent(seen)),
  gzip: (seen, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(seen)),
  deflate: (seen, response) => response.setHeader('content-encoding', 'deflate').end(deflateSync(seen)),
  brotli: (seen, response) => response.setHeader('content-encoding', 'br').end(brotliCompressSync(seen)),
  length: (seen, response) => response.setHeader('content-length', Buffer.byteLength(seen)).end(seen),
  bytes: (seen, response) => {
    const bytes = [...seen];
    const next = () => {
      const byte = bytes.shift();
      if (byte === undefined) response.end();
      else response.write(byte, next);
    };
    next();
  },
  halves: (seen, response) => {
    response.write(seen.slice(0, seen.length / 2));
    setImmediate(() => response.end(seen.slice(seen.length / 2)));
  },
  events: (seen, response) => {
    response.setHeader('content-type', 'text/event-stream');
    for (const line of seen.split('\r\n')) response.write(`data: ${line}\n\n`);
    response.end();
  },
  redirect: (_seen, response, request) =>
    response.writeHead(302, { location: `https://other.example.com/next${request.url}` }).end(),
  cookie: (_seen, response, request) =>
    response.setHeader('set-cookie', `seen=${oneLine(credentials(request))}`).end('cookie'),
  header: (_seen, response, request) =>
    response.setHeader('x-seen', oneLine(credentials(request))).end('header'),
  challenge: (_seen, response, request) =>
    response
      .writeHead(401, { 'www-authenticate': `Bearer realm="${oneLine(credentials(request))}"` })
      .end('no'),
  reason: (_seen, response, request) => response.writeHead(200, oneLine(credentials(request))).end('reason'),
  error: (seen, response) =>
    response.writeHead(500, { 'content-type': 'text/html' }).end(`<h1>Error</h1><pre>${html(seen)}</pre>`),
  'not-modified': (_seen, response, request) =>
    response.writeHead(304, { etag: `"${oneLine(credentials(request))}"` }).end(),
  trailer: (_seen, response, request) => {
    response.setHeader('trailer', 'x-seen');
    response.write('body');
    response.addTrailers({ 'x-seen': oneLine(credentials(request)) });
    response.end();
  },
  hints: (_seen, response, request) => {
    response.writeEarlyHints(
      { link: `</${oneLine(credentials(request)).replace(/[^\w.-]/g, '_')}>; rel=preload` },
      () => response.end('hints'),
    );
  },
  'header-name': (_seen, response, request) =>
    response
      .setHeader(
        `x-${credentials(request)
          .replace(/[^\w-]/g, '-')
          .slice(0, 400)}`,
        'name',
      )
      .end('name'),
  multipart: (seen, response) =>
    response
      .setHeader('content-type', 'multipart/form-data; boundary=b')
      .end(`--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n${seen}\r\n--b--`),
  ranges: (seen, response) =>
    response.writeHead(206, { 'content-range': `bytes 0-${seen.length - 1}/${seen.length}` }).end(seen),
  utf16: (seen, response) => response.end(seen, 'utf16le'),
  twice: (seen, response) => response.end(seen + seen),
};

/** What nobody can undo who does not know of it: there is no end to such ways, and a host that means to will find one. */
const DISGUISES: Record<string, Way> = {
  reversed: (seen, response) => response.end([...seen].reverse().join('')),
  unicode: (seen, response) =>
    response.end(JSON.stringify({ seen }).replace(/[-_:.]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)),
  'one-apart': (seen, response) => response.end([...seen].join(' ')),
};

/** Names of all ways that masking must know. */
export const WAYS_BACK: readonly string[] = Object.keys(WAYS);

export function makeReflector(): Reflector {
  const received: string[] = [];
  return {
    received,
    handler: (request, response) => {
      const lines = [`${request.method} ${request.url}`];
      for (let index = 0; index < request.rawHeaders.length; index += 2)
        lines.push(`${request.rawHeaders[index]}: ${request.rawHeaders[index + 1]}`);
      const head = lines.join('\r\n');
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('error', () => {});
      request.on('end', () => {
        const seen = `${head}\r\n\r\n${Buffer.concat(body).toString('latin1')}`;
        received.push(seen);
        const name = new URL(request.url ?? '/', 'https://host').pathname.slice(1);
        const way = WAYS[name] ?? DISGUISES[name] ?? WAYS.plain;
        try {
          way?.(seen, response, request);
        } catch (error) {
          response.destroy(error as Error);
        }
      });
    },
  };
}
