/**
 * The contract's one schema: types, validation, JSON Schema and the reference page come from here.
 * Every field has a default, a description and a unit; the defaults are the safe choice.
 *
 * @module
 */
import * as z from 'zod';
import { HAZARD_NAMES, type Hazard } from './hazards.ts';
import { parseCount, parseDuration, parseNumber, parseSize } from './units.ts';

type Quantity = z.ZodType<number, string | number>;

function quantity(parse: (text: string) => number | undefined, kind: string, examples: string[]): Quantity {
  return z
    .union([z.string().meta({ pattern: '^\\s*[0-9]+(\\.[0-9]+)?\\s*[A-Za-z]*\\s*$' }), z.number()])
    .meta({ examples })
    .transform((value, context) => {
      const parsed = parse(String(value));
      if (parsed === undefined || parsed <= 0) {
        context.addIssue({ code: 'custom', message: `not a ${kind}; write for example ${examples[0]}` });
        return z.NEVER;
      }
      return parsed;
    });
}

const size = quantity(parseSize, 'size', ['4GiB', '500MB', '64KiB']);
const duration = quantity(parseDuration, 'duration', ['30m', '90s', '2h']);
const count = quantity(parseCount, 'count', ['256', '10k', '2M']);
const cpus = quantity(parseNumber, 'number of CPUs', ['2', '0.5']);

/** A limit is `VALUE` or `{ max: VALUE, hard: true }`; `hard` refuses to run where only supervision is possible. */
function limit(value: Quantity, fallback: string | number) {
  return z
    .union([
      value.transform((max) => ({ max, hard: false })),
      z.strictObject({
        max: value.describe('The limit.'),
        hard: z
          .boolean()
          .default(false)
          .describe(
            'true: refuse to run where this limit can only be supervised, not enforced by the kernel.',
          ),
      }),
    ])
    .prefault(fallback);
}

const HOST = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;

export const PROTOCOLS = ['https', 'http', 'tls', 'ssh', 'postgres', 'websocket', 'tcp', 'udp'] as const;

export const networkRule = z.strictObject({
  host: z
    .string()
    .refine((host) => HOST.test(host) || IPV6.test(host), {
      message: 'not a host name or address; write for example api.example.com, *.example.com or 203.0.113.5',
    })
    .meta({ examples: ['api.example.com', '*.example.com', '203.0.113.5'] })
    .transform((host) => host.toLowerCase().replace(/\.$/, ''))
    .describe(
      'Name the agent may reach: exact, one leading *. wildcard (any depth below, not the name itself), or an address written out.',
    ),
  port: z.int().min(1).max(65_535).default(443).describe('Port. Default 443.'),
  protocol: z
    .enum(PROTOCOLS)
    .default('https')
    .describe(
      'What must be spoken. The first bytes of both directions are judged; another protocol ends the flow. `tcp` allows any bytes and says so; `udp` means connected UDP sockets.',
    ),
  methods: z.array(z.string()).optional().describe('HTTP methods allowed. Not in this version.'),
  paths: z.array(z.string()).optional().describe('URL path patterns allowed. Not in this version.'),
  bytes: size
    .optional()
    .describe(
      'Budget for bytes both ways over this rule; the flow that passes it ends. Unit: bytes (100MiB).',
    ),
  connections: count.optional().describe('Budget for connections over this rule. Unit: connections.'),
});

const gradeCommand = z.strictObject({
  run: z.string().min(1).describe('Shell command whose exit code 0 means success.'),
  protect: z
    .array(z.string())
    .default([])
    .describe('Patterns of the files that decide success, which the agent must not.'),
});

export const ACTIONS = ['note', 'freeze', 'stop', 'kill'] as const;

const hazard = z.enum(HAZARD_NAMES as [Hazard, ...Hazard[]]);

export const contractSchema = z.strictObject({
  ringfence: z.literal(1).describe('Version of the contract format: 1.'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'use letters, digits, dot, dash and underscore, at most 64')
    .describe('Short name of the contract; appears on every event.'),
  objective: z
    .strictObject({
      task: z.string().optional().describe('What the agent is for, in a sentence.'),
      success: gradeCommand
        .optional()
        .describe(
          'How success is decided, outside the agent’s reach. Information only: not graded by this version.',
        ),
      hidden: z
        .strictObject({ run: z.string().min(1).describe('Shell command of the hidden check.') })
        .optional()
        .describe('What you really want; the agent never sees it. Not in this version.'),
      feasible: z
        .strictObject({ by: z.string().min(1).describe('File with a solution.') })
        .optional()
        .describe('Evidence that the task can be done inside this contract. Not in this version.'),
    })
    .prefault({})
    .describe('What the agent is for.'),
  isolation: z
    .enum(['process', 'landlock', 'microvm'])
    .default('process')
    .describe(
      '`process`: all layers, on namespaces. `landlock`: the named reduced isolation for machines that refuse namespaces: Landlock, seccomp and limits, no network at all, a copy of the workspace. `microvm`: not in this version.',
    ),
  files: z
    .strictObject({
      workspace: z
        .union([
          z.string().transform((path) => ({ path, mode: 'overlay' as const })),
          z.strictObject({
            path: z.string().default('.').describe('The folder.'),
            mode: z
              .enum(['overlay', 'direct'])
              .default('overlay')
              .describe('`overlay`: changes are kept apart. `direct`: not in this version.'),
          }),
        ])
        .prefault('.')
        .describe(
          'The folder the agent works in, at its real path, as an overlay: the original never changes during a run. Relative to the contract file.',
        ),
      write: z
        .array(z.string())
        .default(['**'])
        .describe(
          'Folder patterns inside the workspace that may be written, enforced by the kernel: `**` is all of it, `src/**` all below src.',
        ),
      read: z
        .array(z.string())
        .default([])
        .describe('Paths outside the workspace that may be read, beyond the toolchain view. ~ is your home.'),
      hide: z
        .array(z.string())
        .default([])
        .describe(
          'Patterns inside the workspace that the agent must not see: `.env`, `**/*.pem`, `private/**`.',
        ),
    })
    .prefault({})
    .describe('What the agent may see and change.'),
  programs: z
    .union([z.literal('any'), z.array(z.string().min(1))])
    .default('any')
    .describe(
      '`any`, or the programs that may be executed (names looked up in PATH, or absolute paths). An interpreter on the list runs anything it can read.',
    ),
  network: z.array(networkRule).prefault([]).describe('The only ways out. Empty: no network.'),
  resolve: z
    .record(z.string(), z.array(z.string()))
    .default({})
    .describe(
      'Addresses for names, instead of the machine’s resolver. Writing a private address here allows it.',
    ),
  packages: z.array(z.unknown()).optional().describe('Exact package artefacts. Not in this version.'),
  models: z.array(z.unknown()).optional().describe('Model endpoints. Not in this version.'),
  tools: z.array(z.unknown()).optional().describe('MCP tools. Not in this version.'),
  secrets: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Secrets injected by the gateway. Not in this version.'),
  people: z.array(z.unknown()).optional().describe('Channels to people. Not in this version.'),
  environment: z
    .strictObject({
      pass: z
        .array(z.string())
        .default([])
        .describe('Names of host variables that are handed in. Never name a secret here.'),
      set: z.record(z.string(), z.string()).default({}).describe('Variables to set inside.'),
    })
    .prefault({})
    .describe(
      'The environment inside is scrubbed: only PATH, HOME, LANG, TERM and the like, and what is named here.',
    ),
  compute: z
    .strictObject({
      cpus: limit(cpus, 2).describe('CPUs. Default 2 (or all there are, if fewer).'),
      memory: limit(size, '4GiB').describe('Memory of all processes together. Unit: bytes. Default 4GiB.'),
      processes: limit(count, 256).describe('Processes and threads at once. Default 256.'),
      time: limit(duration, '30m').describe('Wall-clock time. Default 30m.'),
      'cpu-time': limit(duration, '60m').describe('CPU time of all processes together. Default 60m.'),
      disk: limit(size, '2GiB').describe(
        'Bytes written to workspace, home and temporary folders. Default 2GiB.',
      ),
      gpu: z.literal('none').default('none').describe('GPUs: none in this version.'),
    })
    .prefault({})
    .describe('How much compute the run may use.'),
  oversight: z
    .strictObject({
      approve: z.array(z.string()).optional().describe('Effects to ask about. Not in this version.'),
      on: z
        .strictObject({
          violation: z
            .enum(ACTIONS)
            .default('stop')
            .describe('A flow speaks another protocol than declared, or a name it did not resolve.'),
          tampering: z
            .enum(['stop', 'kill'])
            .default('kill')
            .describe('Isolation, supervisor or gateway is attacked.'),
          budget: z.enum(['stop', 'kill']).default('stop').describe('A limit or budget ran out.'),
        })
        .prefault({})
        .describe('What happens on each: note, freeze, stop (TERM, then kill), kill.'),
      explain: z
        .enum(['operator'])
        .default('operator')
        .describe('Denials are opaque to the agent; the operator sees why.'),
    })
    .prefault({})
    .describe('Who watches, and what happens.'),
  never: z
    .union([
      z.literal('all').transform(() => ({ aim: [...HAZARD_NAMES], require: [] as Hazard[] })),
      z.array(hazard).transform((aim) => ({ aim, require: [] as Hazard[] })),
      z.strictObject({
        aim: z.array(hazard).default(HAZARD_NAMES).describe('Hazards that must not happen. Default: all.'),
        require: z
          .array(hazard)
          .default([])
          .describe('Refuse to start where one of these is not covered. Default: none.'),
      }),
    ])
    .prefault('all')
    .describe(
      'Hazards that must not happen: an aim. Each run states per hazard: prevented (layer), detected (rule) or not covered. `require`: refuse to start where one is not covered.',
    ),
});

/** A validated contract with every default filled in. Sizes in bytes, durations in milliseconds. */
export type Contract = z.output<typeof contractSchema>;
export type NetworkRule = z.output<typeof networkRule>;
export type Protocol = (typeof PROTOCOLS)[number];
export type Action = (typeof ACTIONS)[number];
