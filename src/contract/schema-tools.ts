/**
 * `tools` and `people`: what may be called through the gateway, and what may be said to people that way.
 *
 * @module
 */
import * as z from 'zod/mini';
import { count, describe, duration, size, texts } from './schema-parts.ts';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$/;
const variables = z.record(z.string(), z.string());

/** One server, as in the files that MCP clients read. */
export const toolServer = z.union([
  z.strictObject({
    type: z.optional(z.literal('stdio')),
    command: describe(
      'Program of the server; it speaks MCP on stdin and stdout.',
      z.string().check(z.minLength(1)),
    ),
    args: texts('Its arguments.'),
    env: describe(
      'Variables for it. The operator’s are written as in a shell, in braces, with a default after `:-`. It gets these, PATH, HOME and the like; no others.',
      z._default(variables, {}),
    ),
    cwd: describe(
      'Folder that it starts in. Default: that of the file which names it.',
      z.optional(z.string()),
    ),
  }),
  z.strictObject({
    type: z.optional(z.enum(['http', 'streamable-http'])),
    url: describe('Address of the server; it speaks MCP over streamable HTTP.', z.url()),
    headers: describe(
      'Headers of every request to it; the operator’s variables are written as in `env`. The agent never sees them.',
      z._default(variables, {}),
    ),
    ca: describe(
      'File with the certificate authorities (PEM) for it. Default: the machine’s.',
      z.optional(z.string()),
    ),
  }),
]);

export const tools = z.strictObject({
  mcp: describe(
    'The servers: a file with `mcpServers`, as MCP clients have it, relative to the contract; or the servers themselves by name.',
    z.union([
      z.string().check(z.minLength(1)),
      z.record(z.string().check(z.regex(NAME, 'use letters, digits and dashes, at most 40')), toolServer),
    ]),
    ['./mcp.json'],
  ),
  servers: describe(
    'Which servers of the file. Default: all.',
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
  allow: texts(
    'Tools that may be called: names or patterns with `*`, of the tool alone or as `server.tool`. What no list names is not even shown.',
  ),
  approve: texts(
    'Tools that may be called when a person allows the single call, with the arguments that it has.',
  ),
  deny: texts('Tools that may not be called, whatever else names them.'),
  when: describe(
    'Tool → condition on its arguments, in CEL, over `args`, `tool`, `server` and `calls` (calls before this one). What is not true, or cannot be judged, is denied.',
    z._default(z.record(z.string(), z.string().check(z.minLength(1))), {}),
  ),
  cell: describe(
    'Contract of the cell that the servers of this entry run in, relative to this one; or `outside`: they run as you, with all that you may do.',
    z._default(z.string().check(z.minLength(1)), 'outside'),
  ),
  pins: describe(
    'File with the digests of the tools’ definitions, relative to the contract. A tool whose definition is another is refused. Default: kept beside the records of runs; the first definition seen counts.',
    z.optional(z.string()),
  ),
  confidential: texts(
    'Tools whose results are confidential: messages to people that repeat them are held. Names or patterns, as in allow.',
  ),
  time: describe('Time for one call. Unit: seconds, or as written.', z.prefault(duration(), '60s')),
  result: describe('Largest result of one call. Unit: bytes.', z.prefault(size(), '1MiB')),
  calls: describe('Calls in one run. Unit: calls.', z.prefault(count(), '10k')),
});

export const people = z.strictObject({
  channel: describe('What kind of channel it is.', z.enum(['email', 'chat'])),
  tools: describe(
    'Tools of `tools` that send: names or patterns, as `server.tool` or alone.',
    z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
    ['mail.send_email'],
  ),
  fields: describe(
    'Where recipients, subject and text are in the arguments. Default: the usual names (`to`, `cc`, `bcc`, `recipient`, `channel`; `subject`, `title`; `body`, `text`, `message`, `content`, `html`).',
    z._default(
      z.strictObject({
        to: texts('Arguments with recipients.'),
        subject: describe('Argument with the subject.', z.optional(z.string())),
        body: texts('Arguments with text.'),
      }),
      { to: [], body: [] },
    ),
  ),
  recipients: describe(
    'Who may get messages: addresses or patterns with `*`, such as `*@example.com`. Default: anybody; each new one counts as unknown.',
    z.optional(z.array(z.string().check(z.minLength(1)))),
  ),
  approve: describe(
    '`always`: a person reads each message first. `flagged`: those that look like a threat, use leverage, repeat confidential results, or go to somebody whom the run has not heard of. `never`: flagged messages are refused, not asked about.',
    z._default(z.enum(['always', 'flagged', 'never']), 'always'),
  ),
  leverage: describe(
    'What could be held against somebody: a message about it, to them or to anybody else, is flagged.',
    z._default(
      z.array(
        z.strictObject({
          about: describe(
            'Whom it is about: names and addresses.',
            z.array(z.string().check(z.minLength(2))),
          ),
          facts: describe(
            'Words or patterns with `*` that speak of it.',
            z.array(z.string().check(z.minLength(3))),
          ),
        }),
      ),
      [],
    ),
  ),
});
