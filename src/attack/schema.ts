/**
 * The schema of a scenario: `scenarios/ID.yaml`.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from '../contract/index.ts';

/** Gives a schema its description, for the reference page. */
function describe<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

const text = () => z.string().check(z.minLength(1));
const sentence = () =>
  z
    .string()
    .check(z.refine((value) => /^\S.*[.)]\s*$/s.test(value), 'not a sentence; end it with a full stop'));
const some = <T extends z.ZodMiniType>(item: T) => z.array(item).check(z.minLength(1));

/** Inside one of the scenario's own folders, never above it. */
const inside = () =>
  z
    .string()
    .check(
      z.refine(
        (value) => !value.startsWith('/') && !value.split('/').includes('..') && value !== '',
        'not a path below its folder; write it without a leading / and without ..',
      ),
    );
const name = () => z.string().check(z.regex(/^[a-z][a-z0-9]*$/, 'not a name; use small letters and digits'));
const variable = () =>
  z.string().check(z.regex(/^[A-Z][A-Z0-9_]*$/, 'not a variable; use capitals, digits and _'));

/** What stands in for the outside. */
export const STAND_INS = {
  http: 'a web server: answers what `pages` says, keeps what is put or posted where `keeps` is true, asks others for who asks it where `fetches` is true',
  tcp: 'takes any bytes; says what `says` has, if anything, to who connects',
  pool: 'a mining pool: Stratum v1, every share checked by hashing it',
  sshd: 'OpenSSH’s server; lets a key in that may have one port forwarded back, and walks through it',
  dns: 'the name server of a domain: answers every name below it, and keeps what was asked',
  mail: 'a mailbox as MCP tools over HTTP: list_emails, read_email, send_email',
} as const;

export type StandInKind = keyof typeof STAND_INS;

export const standInSchema = z.strictObject({
  kind: describe(
    'What it is; the words are below.',
    z.enum(Object.keys(STAND_INS) as [StandInKind, ...StandInKind[]]),
  ),
  host: describe(
    'Its name, below example.com, example.net or example.org, which belong to nobody; an address of documentation is found for it.',
    text(),
  ),
  port: describe('Its port.', z.int().check(z.minimum(1), z.maximum(65_535))),
  pages: describe('`http`: path → answer.', z._default(z.record(z.string(), z.string()), {})),
  keeps: describe(
    '`http`: what is put or posted to a path is what it answers there.',
    z._default(z.boolean(), false),
  ),
  fetches: describe(
    '`http`: `/fetch?url=…` is asked for by the server itself, as careless proxies do; only names of stand-ins.',
    z._default(z.boolean(), false),
  ),
  says: describe('`tcp`: what it says to each who connects, a line each.', z._default(z.array(text()), [])),
  letters: describe(
    '`mail`: what is in the mailbox.',
    z._default(z.array(z.strictObject({ from: text(), subject: text(), body: text() })), []),
  ),
});

/** One sign, read outside of the target. */
export const signSchema = z.union([
  z.strictObject({
    arrived: describe(
      'Bytes with this word reached the stand-in: as they are, or in hex, base64 or base32.',
      z.strictObject({ at: name(), word: text() }),
    ),
  }),
  z.strictObject({
    visited: describe(
      'So many connections (or, of a name server, questions) reached these stand-ins, taken together.',
      z.strictObject({ at: some(name()), least: z._default(z.int().check(z.minimum(1)), 1) }),
    ),
  }),
  z.strictObject({
    shares: describe(
      'The pool accepted so many shares.',
      z.strictObject({ at: name(), least: z._default(z.int().check(z.minimum(1)), 1) }),
    ),
  }),
  z.strictObject({
    entered: describe(
      'The outside party came in through the port that was forwarded to it.',
      z.strictObject({ at: name() }),
    ),
  }),
  z.strictObject({
    requested: describe(
      'The web server was asked with this method for a path that begins so.',
      z.strictObject({ at: name(), method: text(), path: z._default(z.string(), '/') }),
    ),
  }),
  z.strictObject({
    delivered: describe(
      'The mailbox sent a message with this word.',
      z.strictObject({ at: name(), word: text() }),
    ),
  }),
  z.strictObject({
    file: describe(
      'A file outside: below `work` (the workspace itself, after the operator took over what was asked for), `home` or `outside`. It `holds` a word, `lacks` it (or is gone), or is `gone`.',
      z.strictObject({
        in: z.enum(['work', 'home', 'outside']),
        path: inside(),
        holds: z.optional(text()),
        lacks: z.optional(text()),
        gone: z.optional(z.literal(true)),
      }),
    ),
  }),
  z.strictObject({
    running: describe(
      'A process whose command line or environment has this word is there when all is over.',
      z.strictObject({ word: text() }),
    ),
  }),
  z.strictObject({
    ended: describe(
      'The operator’s own process, which `setup` started and whose id is in this file of `outside`, is gone.',
      z.strictObject({ pid: inside() }),
    ),
  }),
  z.strictObject({
    printed: describe(
      'The last program that ran in the target printed this word.',
      z.strictObject({ word: text() }),
    ),
  }),
  z.strictObject({
    shell: describe(
      'A shell line of the operator, outside, in the workspace: exit code 0 means yes.',
      z.strictObject({ line: text() }),
    ),
  }),
  z.strictObject({
    believed: describe(
      'The operator takes the work as done, and it is not: `truth`, a shell line outside, says no. Taken as done is: what the target’s own grading says, where it has one; else exit code 0 and, where there is one, `check`.',
      z.strictObject({ check: z.optional(text()), truth: text() }),
    ),
  }),
]);

export const scenarioSchema = z.strictObject({
  scenario: describe('Version of this format.', z.literal(1)),
  id: describe(
    'The hazard, a full stop, a name; the file is called so.',
    z
      .string()
      .check(z.regex(/^[a-z-]+\.[a-z][a-z0-9-]*$/, 'not an id; write for example persistence.git-hook')),
  ),
  hazard: describe('The hazard that it attempts.', z.enum(HAZARD_NAMES)),
  title: describe('Its name, as a heading.', text()),
  attempts: describe('What is tried, why an agent would, and what tells that it worked.', sentence()),
  techniques: describe(
    'ATT&CK and ATLAS ids; named in `rules/techniques.txt`.',
    z._default(z.array(text()), []),
  ),
  claims: describe(
    'Claims of the evidence base whose mechanism it reproduces.',
    z._default(z.array(text()), []),
  ),
  needs: describe('Programs without which it is skipped.', z._default(z.array(text()), [])),
  tools: describe(
    'Files of `scenarios/tools` that the payload finds below `$KIT`.',
    z._default(
      z.array(
        z
          .string()
          .check(
            z.regex(/^[a-z0-9-]+\.(mjs|sh)$/, 'not a tool; write the name of a file in scenarios/tools'),
          ),
      ),
      [],
    ),
  ),
  standIns: describe(
    'Who is outside, by name. `$NAME_HOST`, `$NAME_PORT` and `$NAME` (host:port) tell the payload.',
    z._default(z.record(name(), standInSchema), {}),
  ),
  vary: describe(
    'Variable → values; the seed chooses one. The same in payload, twin and judge.',
    z._default(z.record(variable(), some(text())), {}),
  ),
  project: describe(
    'Files of the workspace: path → text. `$CANARY` and the other variables are put in.',
    z._default(z.record(inside(), z.string()), {}),
  ),
  home: describe('Files of the operator’s home, likewise.', z._default(z.record(inside(), z.string()), {})),
  environment: describe(
    'What else the operator has in the environment.',
    z._default(z.record(variable(), z.string()), {}),
  ),
  setup: describe('Shell lines of the operator, outside, before.', z._default(z.string(), '')),
  contract: describe(
    'The contract, but for version, name and workspace. The variables of stand-ins (NAME_HOST, NAME_PORT, NAME_ADDRESS) and places, written with a dollar sign and in braces, are put in; names of stand-ins need no `resolve`.',
    z.record(z.string(), z.unknown()),
  ),
  payload: describe(
    'Shell lines of the attempt, in the target. Or way → lines: the seed chooses one, and the others are not there to be seen.',
    z.union([
      text(),
      z.record(name(), text()).check(z.refine((ways) => Object.keys(ways).length > 0, 'no way is named')),
    ]),
  ),
  second: describe(
    'Shell lines in another cell of the same contract, afterwards: for what passes between cells.',
    z.optional(text()),
  ),
  honest: describe('Shell lines of the honest twin: the same task, done well.', text()),
  stop: describe('The operator says stop when the program has printed this word.', z.optional(text())),
  takes: describe(
    'What the operator takes over after review: paths of the workspace.',
    z._default(z.array(inside()), []),
  ),
  afterwards: describe(
    'Shell lines of the operator, outside, afterwards: the repository is used again.',
    z._default(z.string(), ''),
  ),
  effect: describe('The attempt had its effect if one of these is so.', some(signSchema)),
  done: describe('The honest twin did its task if all of these are so.', some(signSchema)),
});

export type WrittenScenario = z.output<typeof scenarioSchema>;
export type StandIn = z.output<typeof standInSchema>;
export type Sign = z.output<typeof signSchema>;
