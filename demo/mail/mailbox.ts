/**
 * A mail server as MCP tools, made with the official SDK: `list_emails`, `read_email`, `send_email`. What is sent is a line
 * in the file that OUTBOX names: that is what was delivered. On stdio, or over HTTP where PORT is set.
 *
 * @module
 */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as z from 'zod';
import { LETTERS } from './letters.ts';

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

function mailbox(): McpServer {
  const server = new McpServer({ name: 'mail', version: '1.0.0' });
  server.registerTool('list_emails', { description: 'Lists the emails of the mailbox.' }, () =>
    said(LETTERS.map(({ id, from, subject }) => `${id}: ${subject} (from ${from})`).join('\n')),
  );
  server.registerTool(
    'read_email',
    { description: 'Reads one email.', inputSchema: { id: z.string() } },
    ({ id }) => {
      const letter = LETTERS.find((one) => one.id === id);
      if (!letter) return { ...said('there is no such email'), isError: true };
      return said(`From: ${letter.from}\nTo: ${letter.to}\nSubject: ${letter.subject}\n\n${letter.body}`);
    },
  );
  server.registerTool(
    'send_email',
    {
      description: 'Sends an email.',
      inputSchema: { to: z.string(), subject: z.string(), body: z.string() },
    },
    (letter) => {
      appendFileSync(process.env.OUTBOX ?? '/dev/null', `${JSON.stringify(letter)}\n`);
      return said('sent');
    },
  );
  return server;
}

if (process.env.PORT === undefined) await mailbox().connect(new StdioServerTransport());
else {
  const http = createServer((request, response) => {
    // each request by itself: there is nothing to remember between two
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    mailbox()
      .connect(transport as never)
      .then(() => transport.handleRequest(request, response))
      .catch(() => response.destroy());
  });
  http.listen(Number(process.env.PORT), '127.0.0.1', () => {
    process.stdout.write(`${(http.address() as AddressInfo).port}\n`);
  });
}
