/**
 * Questions and answers over HTTP, for programs of the operator: on loopback or a Unix socket alone, to whoever has the
 * token. A web page that reaches the port by a name of its own (DNS rebinding) or by a form of its own (CSRF) is refused.
 *
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { scopeOf } from './answer.ts';
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { askQuestions, operator } from './questions.ts';
import type { Terminal } from './terminal.ts';
import { safe } from './text.ts';
import type { ApprovalReply, Scope } from './wiring/approvals.ts';
import { askRun, type RunStatus, servedRuns } from './wiring/control-socket.ts';

/** Bytes of a body, and of all headers. */
const LONGEST_BODY = 4096;
const LONGEST_HEADERS = 8192;
const CONNECTIONS = 32;
/** Milliseconds for a whole request. */
const TIME = 10_000;
const ANSWER = /^\/v1\/questions\/([\w.-]{1,100})\/(\d{1,6})$/;
const NOT_PLAIN = /[\u007f-\uffff]/g;
const LOOPBACK = /^(?:(127(?:\.\d{1,3}){3}|localhost)|\[::1\]):(\d{1,5})$/;

interface Reply {
  status: number;
  body: unknown;
  /** what may be asked here instead */
  allow?: string;
}

interface Given {
  digest: string;
  allow: boolean;
  scope: Scope;
}

const refused = (status: number, message: string, hint: string): Reply => ({
  status,
  body: { ok: false, message, hint },
});

/** Where it listens, as the operator wrote it. */
export type Place = { path: string } | { host: string; port: number };

/** @throws CommandError where that is not loopback, and no path */
export function readPlace(text: string): Place {
  if (text.includes('/')) return { path: resolve(text) };
  const [, host, port = ''] = LOOPBACK.exec(text) ?? [];
  const numbers = host === undefined || host === 'localhost' ? [] : host.split('.').map(Number);
  if (port === '' || Number(port) > 65_535 || numbers.some((number) => number > 255))
    throw new CommandError(
      'usage',
      `${safe(text)} is neither a loopback address with a port nor the path of a socket`,
      'write 127.0.0.1:7070, [::1]:7070 or ~/questions.sock; from elsewhere, forward it: ssh -L',
      EXIT.usage,
    );
  const loopback = text.startsWith('[') ? '::1' : '127.0.0.1';
  return { host: host === undefined || host === 'localhost' ? loopback : host, port: Number(port) };
}

/**
 * Serves until it is interrupted.
 *
 * @returns the exit code
 */
export async function serveQuestions(at: string, terminal: Terminal): Promise<number> {
  const place = readPlace(at);
  const token = randomBytes(32).toString('base64url');
  const { server, names } = await listen(place, token);
  terminal.out('path' in place ? `socket ${safe(place.path)}` : `address http://${names[0]}`);
  terminal.out(`token ${token}`);
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
    process.once('SIGHUP', done);
  });
  server.close();
  server.closeAllConnections();
  return EXIT.ok;
}

/** `names`: what a request's Host may be. */
async function listen(place: Place, token: string): Promise<{ server: Server; names: string[] }> {
  const names: string[] = [];
  const server = createServer(
    { maxHeaderSize: LONGEST_HEADERS, requestTimeout: TIME, headersTimeout: TIME, keepAlive: false },
    (request, response) => {
      handle(request, { names, token }).then(
        (reply) => send(response, reply),
        () => send(response, refused(500, 'that failed here, and nothing is known of it', 'ask again')),
      );
    },
  );
  server.maxConnections = CONNECTIONS;
  if ('path' in place && existsSync(place.path))
    throw new CommandError('exists', `${safe(place.path)} is there already`, 'name another, or remove it');
  // from its first moment on nobody else can open the socket
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(place, done);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError('listen', `it cannot listen there: ${code}`, 'name another with --at');
  } finally {
    process.umask(mask);
  }
  if ('path' in place) names.push('localhost');
  else {
    const { port } = server.address() as AddressInfo;
    const host = place.host.includes(':') ? `[${place.host}]` : place.host;
    names.push(`${host}:${port}`, `localhost:${port}`);
  }
  return { server, names };
}

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

function send(response: ServerResponse, { status, body, allow }: Reply): void {
  // what an agent chose is text of a terminal's, too, where curl has one
  const text = `${JSON.stringify(body).replace(NOT_PLAIN, escaped)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(allow !== undefined && { allow }),
  });
  response.end(text);
}

async function handle(
  request: IncomingMessage,
  { names, token }: { names: readonly string[]; token: string },
): Promise<Reply> {
  const { headers, method, url = '' } = request;
  if (!names.includes(headers.host ?? ''))
    return refused(403, 'that is not the name of this server', `call it ${names.join(' or ')}`);
  if (headers.origin !== undefined || !['none', undefined].includes(headers['sec-fetch-site'] as string))
    return refused(403, 'web pages are not answered', 'ask from a program of your own');
  if (!isToken(headers.authorization, token))
    return refused(401, 'the token is missing, or another', 'send Authorization: Bearer TOKEN');
  if (url === '/v1/questions') return method === 'GET' ? await list() : { ...notSo(method), allow: 'GET' };
  const [, run, question] = ANSWER.exec(url) ?? [];
  if (run === undefined) return refused(404, 'there is nothing here', 'ask for /v1/questions');
  if (method !== 'POST') return { ...notSo(method), allow: 'POST' };
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? ''))
    return refused(415, 'the answer is not JSON', 'send Content-Type: application/json');
  const text = await bodyOf(request);
  if (text === undefined)
    return refused(
      413,
      `the answer is longer than ${LONGEST_BODY} bytes`,
      'send digest, allow and scope alone',
    );
  const given = read(text);
  return typeof given === 'string'
    ? refused(400, given, 'send {"digest": "…", "allow": true, "scope": "once"}, "run", or "for": "10m"')
    : await answer(run, Number(question), given);
}

const notSo = (method: string | undefined): Reply =>
  refused(405, `${safe(method ?? '')} is not possible here`, 'GET lists, POST answers');

/** In a time that says nothing of how much of it is right. */
function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

/** @returns undefined where there is more than may be; the rest is not read */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  return await new Promise((done, fail) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > LONGEST_BODY) {
        request.pause();
        done(undefined);
      } else chunks.push(chunk);
    });
    request.on('end', () => done(Buffer.concat(chunks).toString('utf8')));
    request.on('error', fail);
  });
}

/** @returns in words what is wrong */
function read(text: string): Given | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the answer is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'the answer is no object';
  const { digest, allow, scope, for: time, ...more } = value as Record<string, unknown>;
  if (Object.keys(more).length > 0) return 'the answer says more than digest, allow, scope and for';
  if (typeof digest !== 'string') return 'digest is missing: that of the question, as it was listed';
  if (typeof allow !== 'boolean') return 'allow is neither true nor false';
  if (scope !== undefined && scope !== 'once' && scope !== 'run') return 'scope is neither "once" nor "run"';
  if (time !== undefined && typeof time !== 'string') return 'for is no time, such as "10m"';
  if (time !== undefined && scope !== undefined) return 'scope and for contradict each other';
  try {
    return { digest, allow, scope: scopeOf({ once: scope === 'once', for: time as string | undefined }) };
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is asked by all runs of this user that are going on. */
async function list(): Promise<Reply> {
  const found = await askQuestions();
  const runs = await Promise.all(
    found.map(async ({ run, questions }) => {
      const status = await askRun<RunStatus>(run, { do: 'status' });
      return { run, ...(status && { budget: status.budget }), questions };
    }),
  );
  return { status: 200, body: { runs } };
}

async function answer(run: string, question: number, given: Given): Promise<Reply> {
  // a name that is not in the list is no path, either
  if (!servedRuns().includes(run)) return refused(404, 'no such run is going on', 'ask for /v1/questions');
  const by = `${operator()}, by HTTP`;
  const reply = await askRun<ApprovalReply>(run, { do: 'answer', question, ...given, by }, 5000);
  if (!reply) return refused(503, 'the run does not answer, and nothing was changed', 'see ringfence ps');
  return { status: reply.ok ? 200 : 409, body: reply };
}
