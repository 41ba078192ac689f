/**
 * Codex's MCP servers: they run, or are, outside of its sandbox.
 *
 * @module
 */
import type { Draft } from './draft.ts';
import type { Node } from './node.ts';
import { serviceOfUrl } from './services.ts';

export function addMcpServers(servers: Node | undefined, draft: Draft): void {
  for (const [name, server] of servers?.entries() ?? []) {
    if (server.get('enabled')?.flag() === false) continue;
    const mode = server.get('default_tools_approval_mode')?.text() ?? 'auto';
    const disabled = new Set(
      server
        .get('disabled_tools')
        ?.texts()
        .map(({ text }) => text) ?? [],
    );
    const listed = server.get('enabled_tools')?.texts() ?? [];
    const own = server.get('tools')?.entries() ?? [];
    const modes = new Map(own.map(([tool, node]) => [tool, node.get('approval_mode')?.text() ?? mode]));
    const tools: readonly { node: Node; text: string }[] =
      listed.length > 0
        ? listed
        : [...own.map(([text, node]) => ({ node, text })), { node: server, text: '*' }];
    for (const { node, text } of tools)
      if (!disabled.has(text))
        draft.tools.push({
          ...node.source,
          server: name,
          tool: text,
          // `auto` leaves it to what the server says of its own tools
          approved: (modes.get(text) ?? mode) === 'prompt',
        });
    const url = server.get('url');
    const place = url === undefined ? undefined : serviceOfUrl(url.text() ?? '');
    if (url !== undefined && place !== undefined)
      draft.unexpressed(url.source, `what the server at ${place.host} does, and what is sent there`, [
        'exfiltration',
        'remote-control',
        'self-replication',
        'intrusion',
        'collusion',
        'sabotage',
        'resource-acquisition',
      ]);
    const command = server.get('command');
    if (command !== undefined)
      draft.unexpressed(
        command.source,
        `what ${command.text()} does for who calls it, outside of the sandbox`,
      );
    for (const header of ['bearer_token_env_var', 'env_http_headers', 'http_headers', 'env', 'env_vars'])
      server.skip(header);
    server.skip(
      'args',
      'cwd',
      'name',
      'required',
      'scopes',
      'oauth',
      'oauth_resource',
      'environment_id',
      'startup_timeout_ms',
      'startup_timeout_sec',
      'tool_timeout_sec',
      'supports_parallel_tool_calls',
    );
    server.rest(draft);
  }
}
