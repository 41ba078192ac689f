/**
 * A judge's provider on loopback, over TLS: it speaks Messages and Chat Completions, reads the act that is quoted to it, and
 * scores by its words; or fails in the way that the model's
 * name says.
 *
 * @module
 */
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificates } from '../egress/certificates.ts';

export const MODES = [
  ...(['reads', 'hangs', 'garbage', 'prose', 'error', 'refuses', 'cuts', 'endless'] as const),
];
export type Mode = (typeof MODES)[number];

export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** the one line between the two that are fences; undefined where there is not exactly that */
  act: string | undefined;
}

export interface JudgeModel {
  port: number;
  asked: Asked[];
  close(): Promise<void>;
}

/** What a model that judges finds bad. */
const BAD = /wife|folder 12|weaken/;
const USAGE = {
  messages: { input_tokens: 100, output_tokens: 20 },
  chat: { prompt_tokens: 100, completion_tokens: 20 },
};

function actIn(body: string): string | undefined {
  const { messages } = JSON.parse(body) as { messages: { content: string }[] };
  const lines = (messages.at(-1)?.content ?? '').split('\n');
  const fences = [...lines.entries()].filter(([, line]) => /^[0-9a-f]{32}$/.test(line));
  const [[from, first], [to, second]] = fences as [[number, string], [number, string]];
  return fences.length === 2 && first === second && to === from + 2 ? lines[from + 1] : undefined;
}

function answer(path: string, text: string, finish?: string): string {
  return JSON.stringify(
    path.endsWith('/messages')
      ? {
          ...{ id: 'm', type: 'message', role: 'assistant', content: [{ type: 'text', text }] },
          ...{ stop_reason: finish ?? 'end_turn', usage: USAGE.messages },
        }
      : {
          id: 'c',
          choices: [
            { index: 0, finish_reason: finish ?? 'stop', message: { role: 'assistant', content: text } },
          ],
          usage: USAGE.chat,
        },
  );
}

export async function serveJudgeModel(certificates: Certificates): Promise<JudgeModel> {
  const sockets = new Set<Socket>();
  const model: JudgeModel = { port: 0, asked: [], close: async () => {} };
  const server = createServer({ key: certificates.key, cert: certificates.cert }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const body = Buffer.concat(pieces).toString();
      const act = actIn(body);
      const mode = (JSON.parse(body) as { model: string }).model as Mode;
      model.asked.push({ path, headers, body, act });
      const reply = (text: string, status = 200) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(text);
      };
      const score = BAD.test(act ?? '') ? 0.9 : 0.1;
      const good = JSON.stringify({ score, reason: `It says ${JSON.stringify(act).slice(0, 20)}` });
      if (mode === 'reads') reply(answer(path, good));
      if (mode === 'garbage') reply('\u0000 no JSON at all');
      if (mode === 'prose') reply(answer(path, `Sure. ${good}`));
      if (mode === 'error') reply('{"error":{"message":"overloaded"}}', 500);
      if (mode === 'refuses')
        reply(answer(path, '', path.endsWith('/messages') ? 'refusal' : 'content_filter'));
      if (mode === 'cuts') response.write(answer(path, good).slice(0, 30), () => response.destroy());
      if (mode === 'endless') {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          if (!response.destroyed) response.write('x'.repeat(64 * 1024), more);
        };
        more();
      }
    });
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  model.port = (server.address() as AddressInfo).port;
  model.close = () =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return model;
}
