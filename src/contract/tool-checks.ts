/**
 * What the schema cannot say about `tools` and `people`: entries that allow nothing, names that are two things, channels
 * through tools that nothing allows.
 *
 * @module
 */
import { canonicalAddress } from './addresses.ts';
import type { Finding } from './problem.ts';
import type { Contract, ToolRule } from './schema.ts';
import { glob, TOOL_ADDRESS, TOOL_DOMAIN, TOOL_PORT } from './tools.ts';

const PATTERN = /^[A-Za-z0-9_.*-]{1,128}$/;

function checkLists(rule: ToolRule, index: number): Finding[] {
  const findings: Finding[] = [];
  for (const key of ['allow', 'approve', 'deny', 'confidential'] as const)
    for (const [at, pattern] of rule[key].entries())
      if (!PATTERN.test(pattern))
        findings.push({
          path: ['tools', index, key, at],
          message: `${JSON.stringify(pattern)} is not the name of a tool`,
          hint: 'Write a name such as send_email, server.send_email, or a pattern such as read_*.',
        });
  for (const pattern of Object.keys(rule.when))
    if (!PATTERN.test(pattern))
      findings.push({
        path: ['tools', index, 'when', pattern],
        at: 'key',
        message: `${JSON.stringify(pattern)} is not the name of a tool`,
        hint: 'Write the tool’s name, and its condition after it.',
      });
  for (const [at, tool] of rule.approve.entries())
    if (rule.allow.includes(tool))
      findings.push({
        path: ['tools', index, 'approve', at],
        message: `${tool} is both allowed and asked about`,
        hint: 'Keep it in allow or in approve.',
      });
  if (rule.allow.length === 0 && rule.approve.length === 0)
    findings.push({
      path: ['tools', index],
      at: 'key',
      message: 'no tool is named, so none could be called',
      hint: 'Write allow: [TOOL], or approve: [TOOL] for those that a person allows one by one.',
    });
  return findings;
}

function checkServers({ mcp, cell }: ToolRule, index: number): Finding[] {
  if (typeof mcp === 'string') return [];
  const servers = Object.values(mcp);
  const findings = Object.entries(mcp).flatMap(([name, server]): Finding[] =>
    'url' in server && !/^https?:$/.test(new URL(server.url).protocol)
      ? [
          {
            path: ['tools', index, 'mcp', name, 'url'],
            message: `${server.url} is not the address of a server`,
            hint: 'Write https://HOST/PATH.',
          },
        ]
      : [],
  );
  if (servers.length === 0)
    findings.push({
      path: ['tools', index, 'mcp'],
      message: 'no server is named',
      hint: 'Write mcp: { NAME: { command: PROGRAM } }, or the name of a file with mcpServers.',
    });
  if (cell !== 'outside' && servers.length > 0 && servers.every((server) => 'url' in server))
    findings.push({
      path: ['tools', index, 'cell'],
      message: 'servers that are reached by address run where they run',
      hint: 'Remove cell.',
    });
  return findings;
}

/** Names and the address at which the gateway itself answers. */
function checkOwnNames({ tools, network }: Contract): Finding[] {
  if (tools.length === 0) return [];
  return network.flatMap(({ host, port }, index): Finding[] =>
    host === TOOL_DOMAIN ||
    host.endsWith(`.${TOOL_DOMAIN}`) ||
    (canonicalAddress(host) === TOOL_ADDRESS && port === TOOL_PORT)
      ? [
          {
            path: ['network', index, 'host'],
            message: `${host} is where the cell finds its tools`,
            hint: 'Remove the rule: tools needs none.',
          },
        ]
      : [],
  );
}

/** Whether two patterns can name the same tool; a pattern may have a server before its dot. */
const meet = (one: string, other: string): boolean => {
  const alone = (pattern: string) => pattern.slice(pattern.indexOf('.') + 1);
  return [one, alone(one)].some((left) =>
    [other, alone(other)].some((right) => glob(left, right) || glob(right, left)),
  );
};

function checkPeople({ people, tools }: Contract): Finding[] {
  const named = tools.flatMap(({ allow, approve }) => [...allow, ...approve]);
  return people.flatMap((rule, index) =>
    rule.tools.flatMap((tool, at): Finding[] =>
      named.some((pattern) => meet(pattern, tool))
        ? []
        : [
            {
              path: ['people', index, 'tools', at],
              message: `no entry of tools lets ${tool} be called, so there is nothing to hold`,
              hint: 'Name it under tools, in allow or approve; or remove it here.',
            },
          ],
    ),
  );
}

/** Everything wrong with `tools` and `people`. */
export function checkTools(contract: Contract): Finding[] {
  return [
    ...contract.tools.flatMap((rule, index) => [...checkLists(rule, index), ...checkServers(rule, index)]),
    ...checkOwnNames(contract),
    ...checkPeople(contract),
  ];
}
