/**
 * The schema of the catalogue's files. One file is one family of affordances.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES } from '../../contract/index.ts';
import { ACTORS, ALL_GAINS, CONTAINER_WORDS, KINDS, keysOf, SERVICES } from './words.ts';

/** Gives a schema its description, for the reference page. */
function describe<T extends z.ZodMiniType>(description: string, schema: T): T {
  z.globalRegistry.add(schema, { description });
  return schema;
}

const text = () => z.string().check(z.minLength(1));
const sentence = () =>
  z.string().check(z.refine((value) => /^\S.*[.)]$/s.test(value), 'not a sentence; end it with a full stop'));
const some = <T extends z.ZodMiniType>(item: T) => z.array(item).check(z.minLength(1));

const CAPABILITY = /^cap:[A-Z_]{2,30}$/;
const PATH = /^(~\/|\/|\*\*\/|\{)\S*[^/\s]$/;
const SOCKET = /^(~\/|\/|\*\*\/|@)\S*[^/\s]$/;

export const matchSchema = z.strictObject({
  path: describe(
    'Files, as patterns: `*`, `?`, `[a-c]` within a name, `{a,b}` either, `**` any folders. From `**/`: in any folder, be it workspace, home or system; from `~/`: in the home of the one who is triggered; from `/`: there alone. Letters of either case.',
    z.optional(some(z.string().check(z.regex(PATH, 'not a path pattern; begin it with **/, ~/ or /')))),
  ),
  host: describe(
    'Names: a leading `*.` stands for one or more labels, a `*` elsewhere for one whole label.',
    z.optional(some(text())),
  ),
  port: describe('Ports of the service.', z.optional(some(z.int().check(z.minimum(1), z.maximum(65_535))))),
  protocol: describe(
    'What is spoken, in the words of `network[].protocol`, or another protocol’s name.',
    z.optional(some(text())),
  ),
  env: describe(
    'Environment variables; a trailing `*` stands for any ending.',
    z.optional(
      some(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/, 'not the name of a variable; see env'))),
    ),
  ),
  socket: describe(
    'Unix sockets, as path patterns; `@name` is an abstract one.',
    z.optional(some(z.string().check(z.regex(SOCKET, 'not a socket; write its path or @name')))),
  ),
  program: describe('Programs whose being allowed is enough, by name.', z.optional(some(text()))),
  container: describe(
    'Settings of a container or pod; `cap:NAME` is a capability. The words are below.',
    z.optional(
      some(
        z
          .string()
          .check(
            z.refine(
              (word) => Object.hasOwn(CONTAINER_WORDS, word) || CAPABILITY.test(word),
              `not a word of the catalogue; write one of ${keysOf(CONTAINER_WORDS).join(', ')} or cap:NAME`,
            ),
          ),
      ),
    ),
  ),
  service: describe(
    'Classes of services that run under any name. The words are below.',
    z.optional(some(z.enum(keysOf(SERVICES)))),
  ),
});

export const witnessSchema = z.strictObject({
  shows: describe(
    'What `effect` sees: `executed`: the attempt’s command ran with the rights of the one who is triggered; `planted`: the attempt’s bytes lie where the service that would run them takes them from, since the service itself is not at hand; `reached`: data arrived at a stand-in for the service.',
    z._default(z.enum(['executed', 'planted', 'reached']), 'executed'),
  ),
  needs: describe('Programs without which it is skipped.', z._default(z.array(text()), [])),
  env: describe(
    'Variables that the person has in the environment; `$CANARY` in a value stands for the canary.',
    z._default(z.record(z.string(), z.string()), {}),
  ),
  setup: describe(
    'Shell lines run first, outside: the person’s ordinary state.',
    z._default(z.array(text()), []),
  ),
  attempt: describe('Shell lines of the agent, run in the cell or bare.', some(text())),
  effect: describe('Shell line, run outside afterwards; exit code 0 when the effect happened.', text()),
});

export const affordanceSchema = z.strictObject({
  id: describe(
    'Unique: the family, a full stop, a name.',
    z.string().check(z.regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/, 'not an id; write for example git.hook')),
  ),
  kind: describe('What it is.', z.enum(keysOf(KINDS))),
  title: describe('Its name, as a heading.', text()),
  prose: describe('What happens, who executes it and when.', sentence()),
  match: describe(
    'What of a contract or of another sandbox’s settings leaves it open: any of these.',
    matchSchema,
  ),
  runs: describe(
    'Triggers: with whose rights, and what sets it off.',
    z.optional(
      z.strictObject({
        as: describe('Whose rights.', z.enum(keysOf(ACTORS))),
        when: describe('What sets it off.', text()),
      }),
    ),
  ),
  gives: describe('What is gained.', some(z.enum(ALL_GAINS))),
  hazards: describe('Hazards that it leads towards.', some(z.enum(HAZARD_NAMES))),
  condition: describe(
    'What must hold besides, on the side of the one who is triggered, and no contract says. Absent: it is so by default.',
    z.optional(sentence()),
  ),
  source: describe('Where the behaviour is documented.', text()),
  witness: describe(
    'A harmless attempt that shows it, offline. Run with a scratch workspace as the working folder, a scratch HOME, and the variables CANARY (a random word), MARK (a file outside, for traces), RELAY (host:port of a stand-in service), SOCKET (the same as a Unix socket) and SEEN (a file with what reached the stand-in).',
    z.optional(witnessSchema),
  ),
  unwitnessed: describe('Why there is no witness.', z.optional(sentence())),
  safe: describe('What contract closes it.', sentence()),
});

export const familySchema = z.strictObject({
  affordances: describe('Version of this format.', z.literal(1)),
  family: describe('The family’s name, that of its file.', text()),
  about: describe('What its entries have in common.', sentence()),
  entries: describe('The affordances.', some(affordanceSchema)),
});

export type Match = z.output<typeof matchSchema>;
export type Witness = z.output<typeof witnessSchema>;
export type WrittenAffordance = z.output<typeof affordanceSchema>;
