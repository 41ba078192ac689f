/**
 * The contract's one schema: types, validation, JSON Schema and the reference page come from here.
 * Every field has a default, a description and a unit; the defaults are the safe choice.
 *
 * Every run pays for building it, hence zod's functional form and descriptions that are registered, not cloned in:
 * a quarter of the time of the chained form.
 *
 * @module
 */
import * as z from 'zod/mini';
import { HAZARD_NAMES, type Hazard } from './hazards.ts';
import { ACTIONS, RESPONSES } from './responses.ts';
import { acceptRule } from './schema-accept.ts';
import { judgeRule } from './schema-judges.ts';
import { modelRule } from './schema-models.ts';
import { count, describe, duration, type Quantity, quantity, size, texts } from './schema-parts.ts';
import { people, tools } from './schema-tools.ts';
import { parseNumber } from './units.ts';

const cpus = quantity(parseNumber, 'number of CPUs', ['2', '0.5']);

const hardness = describe(
  'true: refuse to run where this limit can only be supervised, not enforced by the kernel.',
  z._default(z.boolean(), false),
);
const asLimit = z.transform((max: number) => ({ max, hard: false }));

/** A limit is `VALUE` or `{ max: VALUE, hard: true }`; `hard` refuses to run where only supervision is possible. */
function limit(description: string, value: Quantity, fallback: string | number) {
  describe('The limit.', value);
  const forms = z.union([z.pipe(value, asLimit), z.strictObject({ max: value, hard: hardness })]);
  return describe(description, z.prefault(forms, fallback));
}

const HOST = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;

export const PROTOCOLS = ['https', 'http', 'tls', 'ssh', 'postgres', 'websocket', 'tcp', 'udp'] as const;

export const networkRule = z.strictObject({
  host: z.pipe(
    describe(
      'Name the agent may reach: exact, one leading *. wildcard (any depth below, not the name itself), or an address written out.',
      z.string().check(z.refine((host) => HOST.test(host) || IPV6.test(host), 'not a host name or address')),
      ['api.example.com', '*.example.com', '203.0.113.5'],
    ),
    z.transform((host: string) => host.toLowerCase().replace(/\.$/, '')),
  ),
  port: describe('Port.', z._default(z.int().check(z.minimum(1), z.maximum(65_535)), 443)),
  protocol: describe(
    'What must be spoken. The first bytes of both directions are judged; another protocol ends the flow. `tcp` allows any bytes and says so; `udp` means connected UDP sockets.',
    z._default(z.enum(PROTOCOLS), 'https'),
  ),
  methods: describe(
    'HTTP methods allowed. With this, paths, headers, body or a secret, TLS is terminated by the gateway with a certificate authority of the run.',
    z.optional(
      z.array(z.string().check(z.regex(/^[A-Z][A-Z-]{0,31}$/, 'write it in capitals, such as GET'))),
    ),
    ['GET', 'POST'],
  ),
  paths: describe(
    'URL paths allowed, as patterns: `/v1/**` is all below /v1, `*` stands for one segment or a part of one. Queries are not part of it. What servers read differently is refused.',
    z.optional(z.array(z.string())),
    ['/v1/**', '/repos/*/issues'],
  ),
  headers: describe(
    'Request headers that are passed on beyond those that HTTP itself needs (Host, length, type of a body); others are left out. A trailing * stands for any ending. Default: all that are well-formed.',
    z.optional(z.array(z.string())),
    ['accept', 'x-api-*'],
  ),
  body: describe('Largest request body. Unit: bytes.', z.optional(size())),
  ca: describe(
    'File with the certificate authorities (PEM) that this host’s certificate is checked against where TLS is terminated. Default: the machine’s. Relative to the contract file.',
    z.optional(z.string()),
  ),
  bytes: describe(
    'Budget for bytes both ways over this rule; the flow that passes it ends. Unit: bytes.',
    z.optional(size()),
  ),
  connections: describe('Budget for connections over this rule. Unit: connections.', z.optional(count())),
});

const command = (description: string) => describe(description, z.string().check(z.minLength(1)));

const objective = z.strictObject({
  task: describe('What the agent is for, in a sentence.', z.optional(z.string())),
  success: describe(
    'How success is decided, outside the agent’s reach: in a fresh cell over the result, once as the agent left it and once with the protected files restored.',
    z.optional(
      z.strictObject({
        run: command('Shell command whose exit code 0 means success.'),
        protect: texts(
          'Patterns of the files that decide success and that the agent must not decide: `test/**`, `package.json`.',
        ),
        time: describe('Time for one grading. Unit: seconds, or as written.', z.prefault(duration(), '10m')),
        repeat: describe(
          'How often each grading is repeated; a grader whose verdicts differ is flaky, and that is said.',
          z._default(z.int().check(z.minimum(1), z.maximum(100)), 2),
        ),
        network: describe(
          'true: graders get the network and the secrets of this contract. Default: none.',
          z._default(z.boolean(), false),
        ),
      }),
    ),
  ),
  hidden: describe(
    'What you really want; the agent never sees it. Runs over the result with the protected files restored.',
    z.optional(
      z.strictObject({
        run: command('Shell command of the hidden check.'),
        files: describe(
          'Folder that is laid over the workspace for this check alone. The agent does not see it where it lies outside of the workspace or is hidden. Relative to the contract file.',
          z.optional(z.string()),
        ),
      }),
    ),
  ),
  feasible: describe(
    'Evidence that the task can be done inside this contract: `ringfence check --feasible` applies it and grades it.',
    z.optional(
      z.strictObject({
        by: command('File with a solution: a unified diff. Relative to the contract file.'),
      }),
    ),
  ),
});

const workspace = z.union([
  z.pipe(
    z.string(),
    z.transform((path: string) => ({ path, mode: 'overlay' as const })),
  ),
  z.strictObject({
    path: describe('The folder.', z._default(z.string(), '.')),
    mode: describe(
      '`overlay`: changes are kept apart until they are applied. `direct`: the agent changes the original itself; a snapshot is kept, so that it can be rolled back.',
      z._default(z.enum(['overlay', 'direct']), 'overlay'),
    ),
  }),
]);

const files = z.strictObject({
  workspace: describe(
    'The folder the agent works in, at its real path. As an overlay (the default) the original never changes during a run. Relative to the contract file.',
    z.prefault(workspace, '.'),
  ),
  write: describe(
    'Folder patterns inside the workspace that may be written, enforced by the kernel: `**` is all of it, `src/**` all below src.',
    z._default(z.array(z.string()), ['**']),
  ),
  read: texts('Paths outside the workspace that may be read, beyond the toolchain view. ~ is your home.'),
  hide: texts('Patterns inside the workspace that the agent must not see: `.env`, `**/*.pem`, `private/**`.'),
});

const environment = z.strictObject({
  pass: texts('Names of host variables that are handed in. Never name a secret here.'),
  set: describe('Variables to set inside.', z._default(z.record(z.string(), z.string()), {})),
});

const compute = z.strictObject({
  cpus: limit('CPUs, or all there are if fewer.', cpus(), 2),
  memory: limit('Memory of all processes together. Unit: bytes.', size(), '4GiB'),
  processes: limit('Processes and threads at once.', count(), 256),
  time: limit('Wall-clock time. Unit: seconds, or as written.', duration(), '30m'),
  'cpu-time': limit('CPU time of all processes together. Unit: seconds, or as written.', duration(), '60m'),
  disk: limit('Bytes written to workspace, home and temporary folders.', size(), '2GiB'),
  gpu: describe('GPUs: none in this version.', z._default(z.literal('none'), 'none')),
});

const respond = (level: string, fallback: (typeof RESPONSES)[number]) =>
  describe(`A finding of level ${level}.`, z._default(z.enum(RESPONSES), fallback));

const onFinding = z.strictObject({
  critical: respond('critical', 'freeze'),
  high: respond('high', 'alert'),
  medium: respond('medium', 'note'),
  low: respond('low', 'note'),
  informational: respond('informational', 'none'),
});

const oversight = z.strictObject({
  approve: describe(
    'Effects that are asked about instead of denied: `network.new-host`, a name that the contract does not know; `packages.new`, an artefact that it does not list.',
    z._default(z.array(z.enum(['network.new-host', 'packages.new'])), []),
  ),
  patience: describe(
    'How long a question waits for an answer; then it is denied once. Unit: seconds, or as written.',
    z.prefault(duration(), '60s'),
  ),
  questions: describe(
    'How many questions a run may ask in all; what would be asked beyond is denied, on record.',
    z._default(z.int().check(z.minimum(0), z.maximum(10_000)), 50),
  ),
  on: describe(
    'What happens on each: note, freeze, stop (TERM, then kill), kill.',
    z.prefault(
      z.strictObject({
        violation: describe(
          'A flow speaks another protocol than declared, or a name it did not resolve.',
          z._default(z.enum(ACTIONS), 'stop'),
        ),
        tampering: describe(
          'Isolation, supervisor or gateway is attacked.',
          z._default(z.enum(['stop', 'kill']), 'kill'),
        ),
        budget: describe('A limit or budget ran out.', z._default(z.enum(['stop', 'kill']), 'stop')),
        finding: describe(
          'What a rule’s finding leads to, by its level: none, note, alert, ask (frozen until you say that it may go on; no, or no answer, ends the run), freeze, stop, kill; violations and tampering are answered as above whatever a rule finds.',
          z.prefault(onFinding, {}),
        ),
        overload: describe(
          'Events come faster than they can be judged.',
          z._default(z.enum(ACTIONS), 'freeze'),
        ),
        loss: describe(
          'Events are missing, or what judges them failed: a sensor, a rule.',
          z._default(z.enum(ACTIONS), 'note'),
        ),
      }),
      {},
    ),
  ),
  calls: describe(
    '`declared`: a scaffold inside may say which tool call it carries out, at the address in RINGFENCE_CALLS: what the call leads to is joined to it, with less confidence than what the gateways know themselves. `none`: nobody listens.',
    z._default(z.enum(['none', 'declared']), 'none'),
  ),
  rules: describe(
    'Folders with Sigma rules of your own, beside those that come with Ringfence. Relative to the contract file.',
    z._default(z.array(z.string().check(z.minLength(1))), []),
    ['./rules'],
  ),
  baseline: describe(
    'File with what honest runs did, as `ringfence learn --baseline` writes it: a run that is unlike them is told of, as a finding of low level. Relative to the contract file.',
    z.optional(z.string().check(z.minLength(1))),
    ['baseline.yaml'],
  ),
  judges: describe(
    'Models that are asked about acts, beside the rules. They are never required: one that fails is said to have failed, and takes nothing away from what rules find.',
    z._default(z.array(judgeRule), []),
  ),
  explain: describe(
    'Denials are opaque to the agent; the operator sees why.',
    z._default(z.enum(['operator']), 'operator'),
  ),
});

const packages = z.strictObject({
  ecosystem: describe(
    'What kind of index it is: `npm`, `pip` (PEP 503 and 691), or `files` (a plain list of addresses and digests).',
    z.enum(['npm', 'pip', 'files']),
  ),
  from: describe(
    'Where the gateway fetches from, by plain GETs of its own. The agent never speaks to it.',
    z.url(),
    ['https://packages.example.com'],
  ),
  only: describe(
    'The artefacts that can be had: a lock file (package-lock.json, requirements.txt with hashes, a list of `SHA256  ADDRESS` lines), relative to the contract file; or a list of `name@version` (npm) and `name==version` (pip).',
    z.union([z.string().check(z.minLength(1)), z.array(z.string().check(z.minLength(1)))]),
    ['package-lock.json'],
  ),
  ca: describe(
    'File with the certificate authorities (PEM) for this index. Default: the machine’s. Relative to the contract file.',
    z.optional(z.string()),
  ),
});

const hosts = z.pipe(
  z.union([z.string(), z.array(z.string()).check(z.minLength(1))]),
  z.transform((written: string | string[]) =>
    (typeof written === 'string' ? [written] : written).map((host) => host.toLowerCase().replace(/\.$/, '')),
  ),
);

const secret = z.strictObject({
  for: describe(
    'Host, or hosts, of `network` that it is inserted for: a rule’s `host`, or one name below its wildcard. TLS to these hosts is terminated by the gateway.',
    hosts,
    ['api.github.com'],
  ),
  as: describe(
    'Where it is put: `bearer` and `basic` (Authorization), a `header`, or a `query` parameter.',
    z._default(z.enum(['bearer', 'basic', 'header', 'query']), 'bearer'),
  ),
  name: describe('Name of the header or of the query parameter.', z.optional(z.string())),
  user: describe('User name for basic. Default: empty.', z.optional(z.string())),
  from: describe(
    'Where its value is: `env:NAME` or `file:PATH` (relative to the contract file; the line break at its end is not part of it), outside. 8 characters to 16 KiB. Default: the variable of the secret’s own name.',
    z.optional(z.string().check(z.regex(/^(env|file):.+/, 'write env:NAME or file:PATH'))),
  ),
});

const hazards = z.array(z.enum(HAZARD_NAMES as [Hazard, ...Hazard[]]));
const asAim = z.transform((aim: Hazard[]) => ({ aim, require: [] as Hazard[] }));

const never = z.union([
  z.pipe(
    z.literal('all'),
    z.transform(() => ({ aim: [...HAZARD_NAMES], require: [] as Hazard[] })),
  ),
  z.pipe(hazards, asAim),
  z.strictObject({
    aim: describe('Hazards that must not happen.', z._default(hazards, HAZARD_NAMES)),
    require: describe('Refuse to start where one of these is not covered.', z._default(hazards, [])),
  }),
]);

export const contractSchema = z.strictObject({
  ringfence: describe('Version of the contract format: 1.', z.literal(1)),
  name: describe(
    'Short name of the contract; appears on every event.',
    z
      .string()
      .check(
        z.regex(
          /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
          'use letters, digits, dot, dash and underscore, at most 64',
        ),
      ),
  ),
  objective: describe('What the agent is for.', z.prefault(objective, {})),
  isolation: describe(
    '`process`: all layers, on namespaces. `landlock`: the named reduced isolation for machines that refuse namespaces: Landlock, seccomp and limits, no network at all, a copy of the workspace. `microvm`: not in this version.',
    z._default(z.enum(['process', 'landlock', 'microvm']), 'process'),
  ),
  files: describe('What the agent may see and change.', z.prefault(files, {})),
  programs: describe(
    '`any`, or the programs that may be executed (names looked up in PATH, absolute paths, or ~/… below your home). An interpreter on the list runs anything it can read.',
    z._default(z.union([z.literal('any'), z.array(z.string().check(z.minLength(1)))]), 'any'),
  ),
  network: describe('The only ways out. Empty: no network.', z.prefault(z.array(networkRule), [])),
  resolve: describe(
    'Addresses for names, instead of the machine’s resolver. Writing a private address here allows it.',
    z._default(z.record(z.string(), z.array(z.string())), {}),
  ),
  packages: describe(
    'Package indexes that the gateway makes, read-only, of exactly the artefacts listed. Nothing else of the upstream can be reached.',
    z._default(z.array(packages), []),
  ),
  models: describe(
    'Models that the agent may call, through the gateway: it alone has the keys, reads each request and writes it anew, and keeps to the budget. Inside, ANTHROPIC_BASE_URL and OPENAI_BASE_URL lead to it.',
    z._default(z.array(modelRule), []),
  ),
  tools: describe(
    'MCP servers whose tools the agent may call, through the gateway: what is not named can be neither called nor seen. Servers run outside of the cell, or in cells of their own.',
    z._default(z.array(tools), []),
  ),
  secrets: describe(
    'Secrets that the gateway puts into requests over TLS; they are never inside the cell. Each key is a variable’s name: inside it holds a placeholder. The run does not start where a value is absent, or where the agent could read it another way.',
    z._default(z.record(z.string(), secret), {}),
  ),
  people: describe(
    'Channels through which the agent can move people: messages that go through `tools` are held, judged, and delivered or refused.',
    z._default(z.array(people), []),
  ),
  environment: describe(
    'The environment inside is scrubbed: only PATH, HOME, LANG, TERM and the like, and what is named here.',
    z.prefault(environment, {}),
  ),
  compute: describe('How much compute the run may use.', z.prefault(compute, {})),
  oversight: describe('Who watches, and what happens.', z.prefault(oversight, {})),
  never: describe(
    'Hazards that must not happen: an aim. Each run states per hazard: prevented (layer), detected (rule) or not covered. `require`: refuse to start where one is not covered.',
    z.prefault(never, 'all'),
  ),
  accept: describe(
    'Hazards that you bear, each with the reason: for what neither a proof nor a rule answers. Nothing is enforced less for it; the safety case (`ringfence case`) quotes it.',
    z._default(z.array(acceptRule), []),
  ),
});

/** A validated contract with every default filled in. Sizes in bytes, durations in milliseconds. */
export type Contract = z.output<typeof contractSchema>;
export type NetworkRule = z.output<typeof networkRule>;
export type PackageRule = z.output<typeof packages>;
export type SecretRule = z.output<typeof secret>;
export type ToolRule = z.output<typeof tools>;
export type PeopleRule = z.output<typeof people>;
export type Protocol = (typeof PROTOCOLS)[number];
export type Action = (typeof ACTIONS)[number];
export type Response = (typeof RESPONSES)[number];
