/**
 * The environment, and what of secrets could be anywhere in a plan.
 *
 * @module
 */
import { HARMLESS_VARIABLES } from '../../../contract/base-view.ts';
import {
  type Contract,
  callVariables,
  MODEL_HOSTS,
  MODEL_PLACEHOLDER,
  MODEL_PORT,
  type Plan,
  TRUST_VARIABLES,
} from '../../../contract/index.ts';
import { PACKAGE_HOSTS } from '../../../contract/packages.ts';
import { isToolSetting } from '../../../contract/tools.ts';
import type { Breach, CellFacts } from './types.ts';

const HARMLESS = new Set<string>(HARMLESS_VARIABLES);
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';
/** Where the run's authorities lie inside. */
const AUTHORITIES = new Set(['/etc/ringfence/authorities.pem', '/etc/ringfence/authority.pem']);
const CLIENTS =
  /^(npm_config_[a-z_@/:.~-]*[a-z0-9_@/:.~-]*|YARN_[A-Z_]+|BUN_CONFIG_REGISTRY|PIP_[A-Z_]+|UV_[A-Z_]+|RINGFENCE_FILES)$/;
const INDEXES = Object.values(PACKAGE_HOSTS);

/** What tells package clients of the index: an address of ours, a switch, a number of seconds. */
function isClientSetting(name: string, value: string): boolean {
  if (!CLIENTS.test(name)) return false;
  if (/^(true|false|always|\d{1,9})$/.test(value) || (INDEXES as string[]).includes(value)) return true;
  return INDEXES.some((host) => value === `http://${host}/` || value === `http://${host}/simple/`);
}

/** What tells clients of models where they are, and what stands in the place of a key. */
function isModelSetting(name: string, value: string, { models }: Contract): boolean {
  const has = (provider: string) => models.some((rule) => rule.provider === provider);
  const at = (provider: keyof typeof MODEL_HOSTS) => `http://${MODEL_HOSTS[provider]}:${MODEL_PORT}`;
  if (name === 'ANTHROPIC_BASE_URL') return has('anthropic') && value === at('anthropic');
  if (name === 'ANTHROPIC_API_KEY') return has('anthropic') && value === MODEL_PLACEHOLDER;
  if (name === 'OPENAI_BASE_URL' || name === 'OPENAI_API_BASE')
    return has('openai') && value === `${at('openai')}/v1`;
  return name === 'OPENAI_API_KEY' && has('openai') && value === MODEL_PLACEHOLDER;
}

/** Why a variable may be there; `undefined` where it may not. */
function reason(name: string, value: string, facts: CellFacts): string | undefined {
  const { contract, host, placeholders } = facts;
  const home = facts.copy?.home ?? host.home;
  const { pass, set } = contract.environment;
  if (set[name] === value) return 'set';
  if (placeholders?.[name] === value) return 'placeholder';
  if (facts.trust && TRUST_VARIABLES.includes(name) && AUTHORITIES.has(value)) return 'authorities';
  const fixed: Record<string, readonly string[]> = {
    HOME: [home],
    USER: ['agent', host.user],
    LOGNAME: ['agent', host.user],
    SHELL: ['/bin/sh'],
    TMPDIR: [facts.copy?.temporary ?? '/tmp'],
    RINGFENCE: ['1'],
  };
  if (fixed[name]?.includes(value)) return 'fixed';
  if (contract.packages.length > 0 && isClientSetting(name, value)) return 'packages';
  if (isModelSetting(name, value, contract)) return 'models';
  if (contract.tools.length > 0 && isToolSetting(name, value)) return 'tools';
  if (callVariables(contract)[name] === value) return 'calls';
  if (facts.copy && name === 'OPENSSL_CONF' && value === '/dev/null') return 'fixed';
  if (name === 'PATH' && isPart(value, facts)) return 'path';
  const harmless = HARMLESS.has(name) || name.startsWith('LC_');
  return (harmless || pass.includes(name)) && host.env[name] === value ? 'host' : undefined;
}

/** PATH as the host has it; in a copy, as much of it as can be used, with the workspace's folders moved. */
function isPart(value: string, { host, copy }: CellFacts): boolean {
  if (value === DEFAULT_PATH || value === host.env.PATH) return true;
  if (!copy) return false;
  const entries = new Set((host.env.PATH ?? DEFAULT_PATH).split(':'));
  return value.split(':').every((entry) => entries.has(entry) || entry.startsWith(copy.copy));
}

export function environmentBreaches(plan: Plan, facts: CellFacts): Breach[] {
  const breaches: Breach[] = [];
  const names = new Set<string>();
  plan.forEach((op, operation) => {
    if (op[0] !== 'env') return;
    const cut = op[1].indexOf('=');
    const [name, value] = [op[1].slice(0, cut), op[1].slice(cut + 1)];
    if (cut <= 0) breaches.push({ promise: 'form', says: 'a variable without a name', operation });
    else if (names.has(name))
      breaches.push({ promise: 'form', says: `the variable ${name} twice`, operation, witness: name });
    else if (reason(name, value, facts) === undefined)
      breaches.push({
        promise: 'environment',
        says: `the variable ${name} comes in`,
        operation,
        witness: name,
        clause: 'environment',
      });
    names.add(name);
  });
  const secrets = (facts.secrets ?? []).filter((secret) => secret.length >= 8);
  if (secrets.length > 0) breaches.push(...secretBreaches(plan, secrets));
  return breaches;
}

/** The value of a secret is in no field of the plan but the command, which the operator wrote. */
function secretBreaches(plan: Plan, secrets: readonly string[]): Breach[] {
  const written = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('hex')]);
  return plan.flatMap((op, operation): Breach[] =>
    op[0] !== 'arg' &&
    op[0] !== 'seccomp' &&
    op.some((field) => written.some((secret) => field.includes(secret)))
      ? [
          {
            promise: 'secrets',
            says: `the value of a secret is in the operation ${op[0]}`,
            operation,
            clause: 'secrets',
          },
        ]
      : [],
  );
}
