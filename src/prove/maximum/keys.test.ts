/**
 * Every key of the contract, widened alone, is found; what is not compared is named here with its reason, so that a key that is new
 * has to be either.
 */
import { describe, expect, it, test } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { contractJsonSchema } from '../../contract/json-schema.ts';
import { asMaximum, exceeds } from './index.ts';
import { TOOLS_WIDENED, type Widened } from './keys-tools.fixture.ts';

const HOST = 'network: [{ host: a.example.com }]';
const GET = 'network: [{ host: a.example.com, methods: [GET] }]';
const NPM = 'packages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }]';
const MODEL =
  'models: [{ provider: openai, endpoint: "https://m.example.com/v1", models: [a-*], budget: { requests: 10, tokens: 10, money: 10 }, prices: { "*": { input: 1, output: 2 } } }]';
const SECRET = `${HOST}\nsecrets: { TOKEN: { for: a.example.com } }`;
const success = (more: string) => `objective: { success: { run: npm test${more} } }`;
const limit = (key: string, from: string, to: string): Widened => ({
  from: `compute: { ${key}: ${from} }`,
  to: `compute: { ${key}: ${to} }`,
  at: `compute.${key}`,
});
const accepting = (hazard: string) =>
  `accept: [{ hazard: ${hazard}, reason: nothing of worth is on this machine }]`;
const answered = (level: string, from: string, to: string) => ({
  from: `oversight: { on: { finding: { ${level}: ${from} } } }`,
  to: `oversight: { on: { finding: { ${level}: ${to} } } }`,
  at: `oversight.on.finding.${level}`,
});
const hard = (key: string, max: string): Widened =>
  limit(key, `{ max: ${max}, hard: true }`, `{ max: ${max} }`);

const WIDENED: Readonly<Record<string, readonly Widened[]>> = {
  'objective.success.protect': [
    { from: success(', protect: [test/**]'), to: success(''), at: 'objective.success.protect' },
    { from: success(', protect: ["**/x"]'), to: success(', protect: [x]'), at: 'objective.success.protect' },
  ],
  'objective.success.time': [{ from: success(''), to: success(', time: 11m'), at: 'objective.success.time' }],
  'objective.success.repeat': [
    { from: success(''), to: success(', repeat: 3'), at: 'objective.success.repeat' },
  ],
  'objective.success.network': [
    { from: success(''), to: success(', network: true'), at: 'objective.success.network' },
  ],
  'objective.hidden.files': [
    {
      from: 'objective: { success: { run: x }, hidden: { run: x } }',
      to: 'objective: { success: { run: x }, hidden: { run: x, files: ../elsewhere } }',
      at: 'objective.hidden.files',
    },
    {
      from: 'objective: { success: { run: x }, hidden: { run: x, files: ../a } }',
      to: 'objective: { success: { run: x }, hidden: { run: x, files: ../a/../b } }',
      at: 'objective.hidden.files',
    },
    {
      from: 'objective: { success: { run: x }, hidden: { run: x } }',
      to: 'objective: { success: { run: x }, hidden: { run: x, files: ~/.ssh } }',
      at: 'objective.hidden.files',
    },
  ],
  isolation: [{ from: 'isolation: process', to: 'isolation: landlock', at: 'isolation' }],
  'files.workspace': [
    { from: '', to: 'files: { workspace: .. }', at: 'files.workspace' },
    { from: '', to: 'files: { workspace: app/../.. }', at: 'files.workspace' },
    { from: '', to: 'files: { workspace: ~/other }', at: 'files.workspace' },
    { from: 'files: { workspace: App }', to: 'files: { workspace: app }', at: 'files.workspace' },
  ],
  'files.workspace.path': [
    {
      from: 'files: { workspace: { path: app } }',
      to: 'files: { workspace: { path: . } }',
      at: 'files.workspace',
    },
  ],
  'files.workspace.mode': [
    { from: '', to: 'files: { workspace: { mode: direct } }', at: 'files.workspace.mode' },
  ],
  'files.write': [
    { from: 'files: { write: [src/**] }', to: 'files: { write: [src/**, docs/**] }', at: 'files.write[1]' },
    { from: 'files: { write: [src/**] }', to: 'files: { write: [Src/**] }', at: 'files.write[0]' },
    { from: 'files: { write: [src/**] }', to: '', at: 'files.write[0]' },
  ],
  'files.read': [
    { from: '', to: 'files: { read: [/srv/data] }', at: 'files.read[0]' },
    { from: 'files: { read: [~/.config/a] }', to: 'files: { read: [~/.config] }', at: 'files.read[0]' },
    { from: 'files: { read: [/srv/a] }', to: 'files: { read: [/srv/A] }', at: 'files.read[0]' },
    { from: 'files: { read: [/srv/a] }', to: 'files: { read: [/srv/ab] }', at: 'files.read[0]' },
  ],
  'files.hide': [
    { from: 'files: { hide: [.env] }', to: '', at: 'files.hide' },
    { from: 'files: { hide: ["**/*.pem"] }', to: 'files: { hide: ["*.pem"] }', at: 'files.hide' },
    { from: 'files: { hide: [private/**] }', to: 'files: { hide: ["private/*.txt"] }', at: 'files.hide' },
    { from: 'files: { hide: [.env] }', to: 'files: { hide: [.ENV] }', at: 'files.hide' },
  ],
  programs: [
    { from: 'programs: [node]', to: '', at: 'programs' },
    { from: 'programs: [node]', to: 'programs: [node, sh]', at: 'programs[1]' },
  ],
  'network[].host': [
    { from: '', to: HOST, at: 'network[0]' },
    { from: HOST, to: 'network: [{ host: "*.example.com" }]', at: 'network[0]' },
    { from: HOST, to: 'network: [{ host: a.example.com.evil.example }]', at: 'network[0]' },
    { from: HOST, to: 'network: [{ host: xn--a-example-com.example }]', at: 'network[0]' },
    {
      from: 'network: [{ host: "*.example.com" }]',
      to: 'network: [{ host: EXAMPLE.com. }]',
      at: 'network[0]',
    },
    { from: 'network: [{ host: 203.0.113.5 }]', to: 'network: [{ host: 203.0.113.6 }]', at: 'network[0]' },
    {
      from: 'network: [{ host: "2001:db8::5" }]',
      to: 'network: [{ host: "2001:db8::6" }]',
      at: 'network[0]',
    },
  ],
  'network[].port': [{ from: HOST, to: 'network: [{ host: a.example.com, port: 444 }]', at: 'network[0]' }],
  'network[].protocol': [
    { from: HOST, to: 'network: [{ host: a.example.com, protocol: tls }]', at: 'network[0]' },
    { from: HOST, to: 'network: [{ host: a.example.com, protocol: http }]', at: 'network[0]' },
    { from: HOST, to: 'network: [{ host: a.example.com, protocol: websocket }]', at: 'network[0]' },
    {
      from: 'network: [{ host: a.example.com, protocol: tcp }]',
      to: 'network: [{ host: a.example.com, protocol: udp }]',
      at: 'network[0]',
    },
  ],
  'network[].methods': [
    { from: GET, to: HOST, at: 'network[0].methods' },
    { from: GET, to: 'network: [{ host: a.example.com, methods: [GET, PUT] }]', at: 'network[0].methods' },
  ],
  'network[].paths': [
    { from: 'network: [{ host: a.example.com, paths: [/v1/**] }]', to: HOST, at: 'network[0].paths' },
    {
      from: 'network: [{ host: a.example.com, paths: [/v1/**] }]',
      to: 'network: [{ host: a.example.com, paths: [/V1/**] }]',
      at: 'network[0].paths',
    },
    {
      from: 'network: [{ host: a.example.com, paths: [/**] }]',
      to: 'network: [{ host: a.example.com, paths: [/**, /a%2Fb] }]',
      at: 'network[0].paths',
    },
  ],
  'network[].headers': [
    { from: 'network: [{ host: a.example.com, headers: [] }]', to: GET, at: 'network[0].headers' },
    // without `headers`, nothing is read inside TLS at all
    { from: 'network: [{ host: a.example.com, headers: ["*"] }]', to: HOST, at: 'network[0]' },
    {
      from: 'network: [{ host: a.example.com, headers: ["x-*"] }]',
      to: 'network: [{ host: a.example.com, headers: [x-http-method-override] }]',
      at: 'network[0].headers',
    },
  ],
  'network[].body': [
    { from: 'network: [{ host: a.example.com, body: 1KiB }]', to: GET, at: 'network[0].body' },
    {
      from: 'network: [{ host: a.example.com, body: 1KiB }]',
      to: 'network: [{ host: a.example.com, body: 1025 }]',
      at: 'network[0].body',
    },
  ],
  'network[].ca': [
    { from: GET, to: 'network: [{ host: a.example.com, methods: [GET], ca: own.pem }]', at: 'network[0].ca' },
    { from: 'network: [{ host: a.example.com, methods: [GET], ca: own.pem }]', to: GET, at: 'network[0].ca' },
  ],
  'network[].bytes': [
    { from: 'network: [{ host: a.example.com, bytes: 1MiB }]', to: HOST, at: 'network[0].bytes' },
    {
      from: 'network: [{ host: a.example.com, bytes: 1MiB }]',
      to: 'network: [{ host: a.example.com, bytes: 2MiB }]',
      at: 'network[0].bytes',
    },
  ],
  'network[].connections': [
    { from: 'network: [{ host: a.example.com, connections: 1 }]', to: HOST, at: 'network[0].connections' },
  ],
  'resolve.*': [
    { from: HOST, to: `${HOST}\nresolve: { A.example.com: [127.0.0.1] }`, at: 'resolve["A.example.com"]' },
    { from: `${HOST}\nresolve: { a.example.com: [203.0.113.5] }`, to: HOST, at: 'network[0].host' },
    {
      from: `${NPM}\nresolve: { p.example.com: [203.0.113.5] }`,
      to: NPM,
      at: 'packages[0].from',
    },
  ],
  'packages[].ecosystem': [
    { from: NPM, to: NPM.replace('npm', 'pip').replace('@', '=='), at: 'packages[0]' },
  ],
  'packages[].from': [
    { from: '', to: NPM, at: 'packages[0]' },
    { from: NPM, to: NPM.replace('p.example.com', 'q.example.com'), at: 'packages[0]' },
    { from: NPM, to: NPM.replace('https', 'http'), at: 'packages[0]' },
  ],
  'packages[].only': [
    { from: NPM, to: NPM.replace('"a@1.0.0"', '"a@1.0.0", "b@1.0.0"'), at: 'packages[0].only' },
    { from: NPM, to: NPM.replace('["a@1.0.0"]', 'package-lock.json'), at: 'packages[0].only' },
    {
      from: NPM.replace('["a@1.0.0"]', 'package-lock.json'),
      to: NPM.replace('["a@1.0.0"]', 'other-lock.json'),
      at: 'packages[0].only',
    },
  ],
  'packages[].ca': [{ from: NPM, to: NPM.replace('only', 'ca: own.pem, only'), at: 'packages[0]' }],
  'secrets.*.for': [
    { from: GET, to: `${GET}\nsecrets: { TOKEN: { for: a.example.com } }`, at: 'secrets.TOKEN' },
    {
      from: 'network: [{ host: "*.example.com" }]\nsecrets: { TOKEN: { for: a.example.com } }',
      to: 'network: [{ host: "*.example.com" }]\nsecrets: { TOKEN: { for: "*.example.com" } }',
      at: 'secrets.TOKEN.for',
    },
  ],
  'secrets.*.as': [{ from: SECRET, to: SECRET.replace('for:', 'as: basic, for:'), at: 'secrets.TOKEN' }],
  'secrets.*.name': [
    {
      from: SECRET.replace('for:', 'as: query, name: key, for:'),
      to: SECRET.replace('for:', 'as: query, name: q, for:'),
      at: 'secrets.TOKEN',
    },
  ],
  'secrets.*.user': [
    {
      from: SECRET.replace('for:', 'as: basic, for:'),
      to: SECRET.replace('for:', 'as: basic, user: admin, for:'),
      at: 'secrets.TOKEN',
    },
  ],
  'secrets.*.from': [
    { from: SECRET, to: SECRET.replace('for:', 'from: "env:OTHER", for:'), at: 'secrets.TOKEN' },
    {
      from: SECRET.replace('for:', 'from: "file:a/token", for:'),
      to: SECRET.replace('for:', 'from: "file:a/../token", for:'),
      at: 'secrets.TOKEN',
    },
  ],
  'environment.pass': [{ from: '', to: 'environment: { pass: [EDITOR] }', at: 'environment.pass[0]' }],
  'environment.set.*': [
    { from: '', to: 'environment: { set: { A: b } }', at: 'environment.set.A' },
    {
      from: 'environment: { set: { A: b } }',
      to: 'environment: { set: { A: c } }',
      at: 'environment.set.A',
    },
  ],
  'compute.cpus': [limit('cpus', '2', '3')],
  'compute.memory': [limit('memory', '1GiB', '1025MiB')],
  'compute.processes': [limit('processes', '10', '11')],
  'compute.time': [limit('time', '1m', '61s')],
  'compute.cpu-time': [limit('cpu-time', '1m', '61s')],
  'compute.disk': [limit('disk', '1GiB', '1025MiB')],
  'compute.cpus.max': [limit('cpus', '{ max: 2 }', '{ max: 3 }')],
  'compute.memory.max': [limit('memory', '{ max: 1GiB }', '{ max: 2GiB }')],
  'compute.processes.max': [limit('processes', '{ max: 10 }', '{ max: 11 }')],
  'compute.time.max': [limit('time', '{ max: 1m }', '{ max: 2m }')],
  'compute.cpu-time.max': [limit('cpu-time', '{ max: 1m }', '{ max: 2m }')],
  'compute.disk.max': [limit('disk', '{ max: 1GiB }', '{ max: 2GiB }')],
  'compute.cpus.hard': [hard('cpus', '2')],
  'compute.memory.hard': [hard('memory', '1GiB')],
  'compute.processes.hard': [hard('processes', '10')],
  'compute.time.hard': [hard('time', '1m')],
  'compute.cpu-time.hard': [hard('cpu-time', '1m')],
  'compute.disk.hard': [hard('disk', '1GiB')],
  'oversight.approve': [
    { from: '', to: 'oversight: { approve: [network.new-host] }', at: 'oversight.approve[0]' },
    {
      from: `${NPM}\noversight: { approve: [network.new-host] }`,
      to: `${NPM}\noversight: { approve: [network.new-host, packages.new] }`,
      at: 'oversight.approve[1]',
    },
  ],
  'oversight.patience': [
    {
      from: 'oversight: { approve: [network.new-host] }',
      to: 'oversight: { approve: [network.new-host], patience: 61s }',
      at: 'oversight.patience',
    },
  ],
  'oversight.questions': [{ from: '', to: 'oversight: { questions: 51 }', at: 'oversight.questions' }],
  'oversight.calls': [{ from: '', to: 'oversight: { calls: declared }', at: 'oversight.calls' }],
  'oversight.on.violation': [
    { from: '', to: 'oversight: { on: { violation: freeze } }', at: 'oversight.on.violation' },
    {
      from: 'oversight: { on: { violation: freeze } }',
      to: 'oversight: { on: { violation: note } }',
      at: 'oversight.on.violation',
    },
  ],
  'oversight.on.tampering': [
    { from: '', to: 'oversight: { on: { tampering: stop } }', at: 'oversight.on.tampering' },
  ],
  'oversight.on.overload': [
    { from: '', to: 'oversight: { on: { overload: note } }', at: 'oversight.on.overload' },
  ],
  'oversight.on.loss': [
    {
      from: 'oversight: { on: { loss: kill } }',
      to: 'oversight: { on: { loss: stop } }',
      at: 'oversight.on.loss',
    },
  ],
  'oversight.on.finding.critical': [answered('critical', 'freeze', 'ask')],
  'oversight.on.finding.high': [answered('high', 'alert', 'note')],
  'oversight.on.finding.medium': [answered('medium', 'stop', 'freeze')],
  'oversight.on.finding.low': [answered('low', 'note', 'none')],
  'oversight.on.finding.informational': [answered('informational', 'kill', 'none')],
  'oversight.on.budget': [
    {
      from: 'oversight: { on: { budget: kill } }',
      to: 'oversight: { on: { budget: stop } }',
      at: 'oversight.on.budget',
    },
  ],
  never: [{ from: '', to: 'never: [escape]', at: 'never' }],
  'never.aim': [{ from: '', to: 'never: { aim: [escape] }', at: 'never' }],
  'never.require': [{ from: 'never: { require: [escape] }', to: '', at: 'never' }],
  'accept[].hazard': [
    { from: '', to: accepting('escape'), at: 'accept[0]' },
    { from: accepting('escape'), to: accepting('coercion'), at: 'accept[0]' },
  ],
  'models[].provider': [
    { from: '', to: MODEL, at: 'models[0]' },
    { from: MODEL, to: MODEL.replace('openai', 'anthropic'), at: 'models[0]' },
  ],
  'models[].key': [
    { from: MODEL, to: MODEL.replace('models: [a', 'key: "env:OTHER", models: [a'), at: 'models[0]' },
  ],
  'models[].endpoint': [{ from: MODEL, to: MODEL.replace('m.example', 'n.example'), at: 'models[0]' }],
  'models[].ca': [
    { from: MODEL, to: MODEL.replace('models: [a', 'ca: own.pem, models: [a'), at: 'models[0]' },
  ],
  'models[].models': [
    { from: MODEL, to: MODEL.replace('[a-*]', '[a-*, b-1]'), at: 'models[0].models' },
    { from: MODEL, to: MODEL.replace('[a-*]', '["*"]'), at: 'models[0].models' },
  ],
  'models[].features': [
    {
      from: MODEL,
      to: MODEL.replace('models: [a', 'features: [store], models: [a'),
      at: 'models[0].features',
    },
  ],
  'models[].budget.tokens': [
    { from: MODEL, to: MODEL.replace('tokens: 10', 'tokens: 11'), at: 'models[0].budget.tokens' },
  ],
  'models[].budget.requests': [
    { from: MODEL, to: MODEL.replace('requests: 10, ', ''), at: 'models[0].budget.requests' },
  ],
  'models[].budget.money': [
    { from: MODEL, to: MODEL.replace('money: 10', 'money: 10.5'), at: 'models[0].budget.money' },
  ],
  'models[].prices.*.input': [
    { from: MODEL, to: MODEL.replace('input: 1', 'input: 0.5'), at: 'models[0].prices' },
  ],
  'models[].prices.*.output': [
    { from: MODEL, to: MODEL.replace('output: 2', 'output: 1'), at: 'models[0].prices' },
  ],
  'models[].prices.*.cached': [
    { from: MODEL, to: MODEL.replace('output: 2', 'output: 2, cached: 0'), at: 'models[0].prices' },
  ],
  ...TOOLS_WIDENED,
};

/** A judge is the operator's: it only adds to what is found, the agent chooses nothing of it, and no answer comes back. */
const JUDGES = Object.fromEntries(
  [
    ...['name', 'provider', 'model', 'endpoint', 'key', 'ca', 'of', 'asks', 'hazard', 'level', 'threshold'],
    ...['budget.requests', 'budget.tokens', 'budget.money', 'timeout', 'on.failed'],
    ...['prices.*.input', 'prices.*.output', 'prices.*.cached'],
  ].map((key) => [`oversight.judges[].${key}`, 'judges give the agent nothing']),
);

/** What gives nothing, and so is not compared. */
const GIVES_NOTHING: Readonly<Record<string, string>> = {
  ringfence: 'there is one version',
  name: 'a name',
  'objective.task': 'words to the agent',
  'objective.success.run': 'each contract has its own, and a grader has what the cell has, without a network',
  'objective.hidden.run': 'as objective.success.run',
  'objective.feasible.by': 'a diff that the operator’s own command applies; no run reads it',
  'compute.gpu': 'there is one value',
  'oversight.explain': 'there is one value',
  'oversight.rules': 'rules only add to what is found',
  ...JUDGES,
  'accept[].reason': 'words to people',
  'accept[].by': 'a name',
  'accept[].until': 'which hazards are accepted is compared; how long they are, each safety case says',
  'oversight.baseline': 'what is unlike honest runs is only told of',
};

/** Every key that holds something, `[]` for an entry of a list, `*` for a key that is free. */
function leaves(schema: Record<string, unknown>, path: string): string[] {
  const below = (each: unknown, at: string) => leaves(each as Record<string, unknown>, at);
  const { properties, additionalProperties, items, anyOf } = schema;
  if (Array.isArray(anyOf)) {
    const found = anyOf.flatMap((each) => below(each, path));
    return [...new Set(found)];
  }
  if (typeof properties === 'object' && properties !== null)
    return Object.entries(properties).flatMap(([key, each]) =>
      below(each, path === '' ? key : `${path}.${key}`),
    );
  if (typeof additionalProperties === 'object' && additionalProperties !== null)
    return below(additionalProperties, `${path}.*`);
  const isMapping = typeof items === 'object' && items !== null && 'properties' in items;
  return isMapping ? below(items, `${path}[]`) : [path];
}

const KEYS = leaves(contractJsonSchema(), '');

function contractOf(text: string) {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (parsed.ok) return parsed.contract;
  throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
}

const OPTIONS = { home: '/home/operator', folder: '/srv/project' };

it('every key of the schema is compared, or said to give nothing', () => {
  expect(KEYS).toContain('network[].host');
  expect([...Object.keys(WIDENED), ...Object.keys(GIVES_NOTHING)].sort()).toEqual([...KEYS].sort());
});

describe.each(Object.entries(WIDENED))('%s', (_key, cases) => {
  test.each(cases)('$from → $to', ({ from, to, at }) => {
    const [narrow, wide] = [contractOf(from), contractOf(to)];
    expect(exceeds(narrow, asMaximum(narrow), OPTIONS)).toEqual({ beyond: [], undecided: [] });
    expect(exceeds(wide, asMaximum(wide), OPTIONS)).toEqual({ beyond: [], undecided: [] });
    const { beyond, undecided } = exceeds(wide, asMaximum(narrow), OPTIONS);
    expect([...new Set(beyond.map(({ clause }) => clause))]).toEqual([at]);
    expect(undecided).toEqual([]);
  });
});
