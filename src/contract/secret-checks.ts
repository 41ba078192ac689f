/**
 * What the schema cannot say about `secrets`: where they may be sent, how, and that nothing else of the contract hands
 * the agent what the gateway keeps from it.
 *
 * @module
 */
import { hostCovers } from './network-checks.ts';
import { contains } from './patterns.ts';
import type { Finding } from './problem.ts';
import type { Contract, SecretRule } from './schema.ts';

/** Field names (RFC 9110 §5.1): a token. */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Parameter names that need no encoding (RFC 3986 §2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]+$/;

/** Headers that say how a message is framed, routed or carried: who sets them decides what the message is. */
const CARRYING =
  /^(host|content-length|content-encoding|transfer-encoding|connection|keep-alive|te|trailer|upgrade|expect|range|http2-settings|proxy-.*|sec-websocket-.*|:.*)$/i;

/** Variables that the cell sets itself, or that change what programs do. */
const RESERVED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|PWD|TERM|LANG|LC_.*|TZ|IFS|RINGFENCE|LD_.*|NODE_OPTIONS|BASH_ENV|ENV|.*_proxy)$/i;

/** Everything wrong with `secrets`. */
export function checkSecrets(contract: Contract): Finding[] {
  const secrets = Object.entries(contract.secrets);
  return [
    ...secrets.flatMap(([name, secret]) => [
      ...checkName(contract, name),
      ...checkPlace(name, secret),
      ...checkHosts(contract, name, secret),
      ...checkSource(contract, name, secret),
    ]),
    ...checkSamePlace(secrets),
  ];
}

function checkName({ environment }: Contract, name: string): Finding[] {
  const path = ['secrets', name];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    return [
      {
        path,
        at: 'key',
        message: `${JSON.stringify(name)} is not a variable's name`,
        hint: 'A secret is named as the variable that holds its placeholder inside: letters, digits and underscore.',
      },
    ];
  if (RESERVED.test(name))
    return [
      {
        path,
        at: 'key',
        message: `${name} means something to programs, and would hold a placeholder inside`,
        hint: 'Choose another name, and write its source as from: env:NAME.',
      },
    ];
  const findings: Finding[] = [];
  const index = environment.pass.indexOf(name);
  if (index >= 0)
    findings.push({
      path: ['environment', 'pass', index],
      message: `${name} is a secret, so its value must not be handed in`,
      hint: 'Remove it here: inside, the variable holds a placeholder.',
    });
  if (Object.hasOwn(environment.set, name))
    findings.push({
      path: ['environment', 'set', name],
      at: 'key',
      message: `${name} is a secret: inside, the variable holds a placeholder`,
      hint: 'Remove it here, or rename one of the two.',
    });
  return findings;
}

function checkPlace(secret: string, { as, name, user }: SecretRule): Finding[] {
  const at = (key: string) => ['secrets', secret, key];
  const findings: Finding[] = [];
  const named = as === 'header' || as === 'query';
  if (named && name === undefined)
    findings.push({
      path: at('as'),
      message: as === 'header' ? 'the header is not named' : 'the query parameter is not named',
      hint: as === 'header' ? 'Add for example name: X-Api-Key.' : 'Add for example name: api_key.',
    });
  if (!named && name !== undefined)
    findings.push({
      path: at('name'),
      message: `${as} is always sent as Authorization, so a name means nothing`,
      hint: 'Remove it, or write as: header.',
    });
  if (as === 'header' && name !== undefined && !TOKEN.test(name))
    findings.push({
      path: at('name'),
      message: `${JSON.stringify(name)} is not a header's name`,
      hint: 'Write it without colon and spaces, for example X-Api-Key.',
    });
  else if (as === 'header' && name !== undefined && CARRYING.test(name))
    findings.push({
      path: at('name'),
      message: `${name} says how a request is carried, so a secret cannot be put there`,
      hint: 'Name the header that the service reads the secret from.',
    });
  if (as === 'query' && name !== undefined && !UNRESERVED.test(name))
    findings.push({
      path: at('name'),
      message: `${JSON.stringify(name)} is not a plain parameter name`,
      hint: 'Use letters, digits and . _ ~ - only.',
    });
  if (user !== undefined && as !== 'basic')
    findings.push({
      path: at('user'),
      message: `${as} knows no user name`,
      hint: 'Remove it, or write as: basic.',
    });
  // RFC 7617 §2: the first colon ends the user name
  if (user !== undefined && (user.includes(':') || /\p{Cc}/u.test(user)))
    findings.push({
      path: at('user'),
      message: 'a user name for basic holds neither a colon nor control characters',
      hint: 'Write the name alone.',
    });
  return findings;
}

function checkHosts({ network }: Contract, name: string, secret: SecretRule): Finding[] {
  return secret.for.flatMap((host, index): Finding[] => {
    const path = ['secrets', name, 'for', ...(secret.for.length > 1 ? [index] : [])];
    const rules = network.filter((rule) => hostCovers(rule.host, host) || hostCovers(host, rule.host));
    if (rules.length === 0)
      return [
        {
          path,
          message: `${host} is not a host of network, so ${name} would never be sent`,
          hint: `Add a rule: network: [{ host: ${host} }], or correct the name.`,
        },
      ];
    if (rules.every(({ protocol }) => protocol !== 'https' && protocol !== 'websocket'))
      return [
        {
          path,
          message: `${host} is reached by ${rules[0]?.protocol}, and secrets are put into requests over TLS only`,
          hint: 'Write protocol: https there, or hand the secret over in another way.',
        },
      ];
    return [];
  });
}

function checkSource({ environment, files }: Contract, name: string, { from }: SecretRule): Finding[] {
  if (from === undefined) return [];
  const path = ['secrets', name, 'from'];
  if (from.startsWith('env:')) {
    const variable = from.slice('env:'.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
      return [
        {
          path,
          message: `${JSON.stringify(variable)} is not a variable's name`,
          hint: 'Write for example env:GITHUB_TOKEN.',
        },
      ];
    const index = environment.pass.indexOf(variable);
    if (index < 0) return [];
    return [
      {
        path: ['environment', 'pass', index],
        message: `${variable} holds the secret ${name}, so it must not be handed in`,
        hint: 'Remove it here.',
      },
    ];
  }
  const file = from.slice('file:'.length).replace(/\/+/g, '/');
  const index = files.read.findIndex((shown) => contains(shown.replace(/(.)\/+$/, '$1'), file));
  if (index < 0) return [];
  return [
    {
      path: ['files', 'read', index],
      message: `${files.read[index]} would show the agent ${file}, which holds the secret ${name}`,
      hint: 'Name what is needed without it, or keep the secret elsewhere.',
    },
  ];
}

/** Two secrets for one place of the same requests: one of them would never be sent. */
function checkSamePlace(secrets: readonly (readonly [string, SecretRule])[]): Finding[] {
  return secrets.flatMap(([name, secret], index) => {
    const earlier = secrets
      .slice(0, index)
      .find(([, other]) => placeOf(other) === placeOf(secret) && overlap(other.for, secret.for));
    if (!earlier) return [];
    return [
      {
        path: ['secrets', name],
        at: 'key' as const,
        message: `${name} and ${earlier[0]} are put into the same place of the same requests (${placeOf(secret)})`,
        hint: 'Keep one of them for each host.',
      },
    ];
  });
}

function placeOf({ as, name = '' }: SecretRule): string {
  if (as === 'query') return `query parameter ${name}`;
  return `header ${as === 'header' ? name.toLowerCase() : 'authorization'}`;
}

const overlap = (one: readonly string[], other: readonly string[]) =>
  one.some((a) => other.some((b) => hostCovers(a, b) || hostCovers(b, a)));
