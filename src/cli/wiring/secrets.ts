/**
 * The values of a contract's secrets: read before anything starts, handed to the gateway alone, and refused where the
 * agent could come by them another way.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expandPath } from '../../cell/view/index.ts';
import {
  type Contract,
  formatPath,
  type InsertedSecret,
  isWithin,
  modelKeySource,
  type Plan,
  type PlanOp,
  readBounded,
  type SecretRule,
  SHORTEST_SECRET,
} from '../../contract/index.ts';

export interface SecretsInput {
  contract: Contract;
  /** folder that relative paths of the contract start at */
  base: string;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** A secret and where it came from. */
export interface HeldSecret extends InsertedSecret {
  /** real path of the file that holds it, where one does */
  source?: string;
}

type Refusal = { ok: false; field: string; problem: string; hint: string };
export type HeldSecrets = { ok: true; secrets: HeldSecret[] } | Refusal;

/** Longer values are no header: servers take 8 to 16 KiB. */
const LONGEST = 16 * 1024;

/** Reads every value; one that is absent or cannot be sent is a refusal, and none is ever part of a message. */
export function readSecrets(input: SecretsInput): HeldSecrets {
  const secrets: HeldSecret[] = [];
  for (const [name, rule] of Object.entries(input.contract.secrets)) {
    const refuse = (problem: string, hint: string): Refusal => ({
      ok: false,
      field: formatPath(['secrets', name, ...(rule.from === undefined ? [] : ['from'])]),
      problem: `secret ${name}: ${problem}`,
      hint,
    });
    const found = readValue(name, rule, input);
    if (!found.ok) return refuse(found.problem, found.hint);
    const { value, source } = found;
    const wrong = judge(value, rule);
    if (wrong) return refuse(wrong.problem, wrong.hint);
    secrets.push({
      name,
      hosts: rule.for,
      as: rule.as,
      ...(rule.name !== undefined && { parameter: rule.name }),
      ...(rule.user !== undefined && { user: rule.user }),
      value,
      // of one length and at random: it says nothing of the value
      placeholder: `ringfence-placeholder-${randomBytes(12).toString('hex')}`,
      ...(source !== undefined && { source }),
    });
  }
  return { ok: true, secrets };
}

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;

/**
 * Values that no text of ours may show: the contract's secrets and keys of models, as far as their sources still have them, and variables that
 * are handed in and named as secrets are.
 */
export function knownSecrets(input: SecretsInput): string[] {
  const { environment, models, oversight, secrets } = input.contract;
  const passed = environment.pass.filter((name) => SECRET_NAME.test(name)).map((name) => input.env[name]);
  const set = Object.entries(environment.set).filter(([name]) => SECRET_NAME.test(name));
  const sources = [...models, ...oversight.judges].map(modelKeySource).filter((from) => from !== 'none');
  const held = [
    ...Object.entries(secrets).map(([name, rule]) => readValue(name, rule, input)),
    ...sources.map((from) => readSource(from, 'header', input)),
  ];
  const values = [...passed, ...set.map(([, value]) => value), ...held.map((one) => one.ok && one.value)];
  return values.filter((value): value is string => typeof value === 'string' && value !== '');
}

/** A value with the file that it is from, or why there is none. */
export type Found =
  | { ok: true; value: string; source?: string }
  | { ok: false; problem: string; hint: string };

/** Reads one value from `env:NAME` or `file:PATH`; one that could not be sent in this way is none. */
export function readSource(from: string, as: SecretRule['as'], input: SecretsInput): Found {
  const found = readValue('', { from, as, for: [] }, input);
  if (!found.ok) return found;
  const wrong = judge(found.value, { as });
  return wrong ? { ok: false, ...wrong } : found;
}

function readValue(
  name: string,
  { from = `env:${name}` }: SecretRule,
  { base, home, env }: SecretsInput,
): Found {
  if (from.startsWith('env:')) {
    const variable = from.slice('env:'.length);
    const value = env[variable];
    if (value !== undefined && value !== '') return { ok: true, value };
    const hint = `set it where you start ringfence, or write from: file:PATH`;
    return { ok: false, problem: `the variable ${variable} is ${value === '' ? 'empty' : 'not set'}`, hint };
  }
  const path = expandPath(from.slice('file:'.length), home, base);
  const hint = 'name a file that you can read; a relative path starts at the contract';
  let descriptor: number | undefined;
  try {
    // a pipe without a writer would hold us for ever
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (!fstatSync(descriptor).isFile()) return { ok: false, problem: `${path} is not a regular file`, hint };
    const buffer = Buffer.alloc(LONGEST + 3);
    const length = readSync(descriptor, buffer);
    const text = buffer.subarray(0, length).toString();
    buffer.fill(0);
    return { ok: true, value: text.replace(/\r?\n$/, ''), source: realpathSync(path) };
  } catch (error) {
    return { ok: false, problem: `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, hint };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function judge(value: string, { as }: Pick<SecretRule, 'as'>): { problem: string; hint: string } | undefined {
  const bytes = Buffer.byteLength(value);
  if (value.length < SHORTEST_SECRET)
    return {
      problem: `its value has fewer than ${SHORTEST_SECRET} characters, so it could not be told from ordinary text`,
      hint: 'use a longer one',
    };
  if (bytes > LONGEST)
    return { problem: `its value has more than ${LONGEST} bytes`, hint: 'name the right file' };
  if (/\p{Cc}/u.test(value) || value.includes('\ufffd') || !value.isWellFormed())
    return {
      problem: 'its value holds control characters or broken text, such as a line break in the middle',
      hint: 'name a source that holds the value alone',
    };
  // RFC 9110 §5.5: visible ASCII, with spaces inside only
  if ((as === 'bearer' || as === 'header') && !/^[!-~]+( +[!-~]+)*$/.test(value))
    return {
      problem: 'its value cannot be a header: it must be plain ASCII',
      hint: 'use basic or query, or another value',
    };
  return undefined;
}

/** Variables of the cell → what stands in the place of each secret. */
export function placeholders(secrets: readonly HeldSecret[]): Record<string, string> {
  return Object.fromEntries(secrets.map(({ name, placeholder }) => [name, placeholder]));
}

/** Small files at the top of a project in which credentials are often kept as well. */
const USUAL_FILES = [
  '.env',
  '.env.local',
  '.env.development',
  '.env.test',
  '.npmrc',
  '.pypirc',
  '.netrc',
  '.git/config',
];

/**
 * How a plan would show a secret to the agent: its source below a folder that is mounted, or its value in a variable,
 * an argument, a copied file or one of the project's usual files of credentials. Undefined where nothing is found.
 */
export function exposure(plan: Plan, secrets: readonly HeldSecret[], workspace: string): Refusal | undefined {
  if (secrets.length === 0) return undefined;
  const masks = plan
    .filter((operation) => operation[0] === 'mask')
    .map((operation) => operation[1] as string);
  const isMasked = (path: string) => masks.some((mask) => isWithin(path, mask));
  const usual = USUAL_FILES.map((name) => join(workspace, name))
    .filter((path) => !isMasked(path))
    .map((path) => ({ path, text: smallText(path) }));
  for (const { name, value, source } of secrets) {
    const refuse = (problem: string, hint: string): Refusal => ({
      ok: false,
      field: name.startsWith('models[') ? name : formatPath(['secrets', name]),
      problem: `secret ${name}: ${problem}`,
      hint,
    });
    if (source !== undefined) {
      for (const operation of plan) {
        if (operation[0] !== 'bind' && operation[0] !== 'layer' && operation[0] !== 'overlay') continue;
        const [from, target] =
          operation[0] === 'overlay' ? [operation[2], operation[1]] : [operation[1], operation[2]];
        if (!isWithin(source, from)) continue;
        const inside = target + source.slice(from.length);
        if (!isMasked(inside))
          return refuse(
            `its file ${source} would be visible inside`,
            isWithin(inside, workspace)
              ? 'keep it outside of the workspace, or name it under files.hide'
              : 'keep it in a place that the cell does not show',
          );
      }
    }
    const holding = plan.find((operation) => holds(operation, value));
    if (holding)
      return refuse(
        `its value is part of ${describeOperation(holding)}, which the agent can read`,
        'remove it there: the gateway puts it into the requests',
      );
    const holder = usual.find(({ text }) => text.includes(value));
    if (holder)
      return refuse(
        `its value is also in ${holder.path}, which the agent can read`,
        'name that file under files.hide',
      );
  }
  return undefined;
}

function holds(operation: PlanOp, value: string): boolean {
  if (operation[0] === 'file') return operation[3].includes(Buffer.from(value).toString('hex'));
  if (operation[0] === 'env' || operation[0] === 'arg') return operation[1].includes(value);
  return false;
}

function describeOperation(operation: PlanOp): string {
  if (operation[0] === 'env') return `the variable ${operation[1].split('=', 1)[0]}`;
  return operation[0] === 'file' ? operation[1] : 'the command';
}

function smallText(path: string): string {
  const read = readBounded(path);
  return read.ok ? Buffer.from(read.content).toString() : '';
}

/**
 * Keeps memory out of core dumps, ours and those of what we start from here on: a limit of zero does not hold where
 * the kernel pipes dumps to a program (core(5)), and the filter does, over fork and exec.
 */
export function keepMemoryOutOfDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // a kernel without core dumps has no such file
  }
}
