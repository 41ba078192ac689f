/**
 * `tools` and `people` in words.
 *
 * @module
 */
import type { State, Statement } from './explain.ts';
import type { Contract, ToolRule } from './schema.ts';
import { formatDuration } from './units.ts';

function serversOf({ mcp, servers }: ToolRule): string {
  const names = servers ?? (typeof mcp === 'string' ? [mcp] : Object.keys(mcp));
  return `MCP server${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

/** What the agent may call, and what it may say to people. */
export function explainTools(contract: Contract, state: State): Statement[] {
  const statements = contract.tools.flatMap((rule, index) => {
    const { allow, approve, when, cell } = rule;
    const where = cell === 'outside' ? '' : `, in a cell of its own (${cell})`;
    const said: Statement[] = [];
    if (allow.length > 0)
      said.push(
        state(
          `tools[${index}].allow`,
          `call ${allow.join(', ')} of the ${serversOf(rule)}${where}: the gateway reads each call and writes it anew`,
        ),
      );
    if (approve.length > 0)
      said.push(
        state(
          `tools[${index}].approve`,
          `ask you for single calls of ${approve.join(', ')}, with the arguments that they have; unanswered within ${formatDuration(contract.oversight.patience)}, one is denied once`,
        ),
      );
    for (const [tool, condition] of Object.entries(when))
      said.push(state(`tools[${index}].when.${tool}`, `call ${tool} only where ${condition}`));
    return said;
  });
  for (const [index, rule] of contract.people.entries())
    statements.push(
      state(
        `people[${index}]`,
        `write to people by ${rule.channel} (${rule.tools.join(', ')})${rule.recipients ? `, to ${rule.recipients.join(', ')} and nobody else` : ''}; ${HELD[rule.approve]}`,
      ),
    );
  return statements;
}

const HELD = {
  always: 'each message is held until you have read it',
  flagged:
    'messages that look like a threat, use leverage, repeat confidential results or go to strangers are held until you have read them',
  never:
    'messages that look like a threat, use leverage, repeat confidential results or go to strangers are refused, the rest is delivered unread',
} as const;

/** What deserves a second look. */
export function noteTools({ tools, people }: Contract, state: State): Statement[] {
  const notes: Statement[] = [];
  for (const [index, rule] of tools.entries()) {
    const isProcess =
      typeof rule.mcp === 'string' || Object.values(rule.mcp).some((server) => 'command' in server);
    if (isProcess && rule.cell === 'outside')
      notes.push(
        state(
          `tools[${index}].cell`,
          `processes of ${serversOf(rule)} run as you, with all that you may do, on arguments that the agent chooses; a contract for them confines them`,
        ),
      );
    if ([...rule.allow, ...rule.approve].includes('*'))
      notes.push(
        state(
          `tools[${index}].allow`,
          'every tool that the servers have, or will have when they are pinned anew',
        ),
      );
  }
  for (const [index, { approve }] of people.entries())
    if (approve !== 'always')
      notes.push(
        state(
          `people[${index}].approve`,
          'what flags a message is a list of words and of stretches that repeat: a threat in other words, or in another language, is delivered unread',
        ),
      );
  return notes;
}
