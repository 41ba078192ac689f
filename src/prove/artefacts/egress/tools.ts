/**
 * Tools: each server passes the calls that its entry names, under its conditions, and no others; messages to people are
 * judged by the rules of the contract.
 *
 * @module
 */
import type { GatewayConfig, ToolServer } from '../../../contract/index.ts';
import type { EgressBreach, EgressFacts } from './types.ts';

export function toolBreaches({ tools = [], people = [] }: GatewayConfig, facts: EgressFacts): EgressBreach[] {
  const { contract, copiesOnly = false } = facts;
  const breaches = tools.flatMap((server): EgressBreach[] => {
    const clause = `tools[${server.rule}]`;
    const rule = contract.tools[server.rule];
    const told = (says: string): EgressBreach[] => [{ says, witness: server.name, clause }];
    if (rule === undefined) return told(`the server ${server.name} is none of the contract`);
    const extra = more(server.allow, rule.allow) ?? more(server.approve, [...rule.approve, ...rule.allow]);
    if (extra !== undefined) return told(`${extra} of ${server.name} could be called`);
    const released = rule.approve.find((tool) => !server.approve.includes(tool));
    if (released !== undefined) return told(`nobody would be asked for ${released} of ${server.name}`);
    const undenied = more(rule.deny, server.deny);
    if (undenied !== undefined) return told(`${undenied} of ${server.name} would not be denied`);
    const free = Object.entries(rule.when).find(([tool, text]) => server.when[tool] !== text);
    if (free) return told(`${free[0]} of ${server.name} could be called without its condition`);
    const open = more(rule.confidential, server.confidential);
    if (open !== undefined) return told(`what ${open} of ${server.name} tells would not be confidential`);
    return bounds(server, rule).flatMap(told);
  });
  if (tools.length > 0 && copiesOnly) breaches.push({ says: 'a grader could call tools', clause: 'tools' });
  if (tools.length > 0 && JSON.stringify(people) !== JSON.stringify(contract.people))
    breaches.push({ says: 'messages to people would be judged by other rules', clause: 'people' });
  return breaches;
}

const more = (given: readonly string[], named: readonly string[]): string | undefined =>
  given.find((one) => !named.includes(one));

function bounds(server: ToolServer, rule: { time: number; result: number; calls: number }): string[] {
  return (['time', 'result', 'calls'] as const)
    .filter((key) => server[key] > rule[key])
    .map((key) => `${key} of ${server.name} is larger`);
}
