/**
 * Settings of Anthropic's sandbox-runtime (`~/.srt-settings.json`), and the `sandbox` part of Claude Code's settings → a setting.
 * What differs between systems is read as on Linux, and said where another system grants more.
 *
 * Source: @anthropic-ai/sandbox-runtime 0.0.78, README and schema; Claude Code documentation, Settings and Sandboxing.
 *
 * @module
 */
import type { Setting, Source } from '../setting/index.ts';
import { Draft } from './draft.ts';
import { Node, Reader } from './node.ts';
import { locate } from './paths.ts';
import { addSrtFiles } from './srt-files.ts';
import { addSrtNetwork } from './srt-network.ts';
import type { Parsed } from './tree.ts';
import type { Input } from './types.ts';
import { parseJsonTree } from './yaml.ts';

export function readSrt(text: string, input: Input): Parsed<Setting[]> {
  const parsed = parseJsonTree(text);
  if (!parsed.ok) return parsed;
  const reader = new Reader(input.file);
  const root = new Node(reader, parsed.value);
  if (root.tree.kind !== 'map')
    root.fault('the settings are an object', 'Write { "network": …, "filesystem": … }.');
  const isClaude = root.has('sandbox') || root.has('permissions');
  const node = isClaude ? root.get('sandbox') : root;
  const draft = new Draft(
    'srt',
    isClaude ? 'Claude Code’s sandbox' : 'sandbox-runtime',
    root.source,
    'sandbox',
    {
      ...root.source,
      mode: 'none',
      by: 'proxy',
    },
  );
  draft.isolation = { ...draft.isolation, user: 'operator' };
  draft.programs.push({ ...root.source, program: 'any' });
  // variables of whoever starts it are passed on, but for what `credentials` takes out
  draft.variables.push({ ...root.source, name: '*', from: 'passed' });
  draft.word(root.source, 'noLimits', 'memory, processes, CPU');
  addControl(draft, root.source, isClaude, input.file);
  if (isClaude) readClaude(root, node, draft);
  if (node !== undefined && node.tree.kind === 'map') readSandbox(node, draft, isClaude);
  else if (!isClaude) addSrtFiles(undefined, undefined, draft, root.source);
  if (!isClaude) root.rest(draft);
  return reader.faults.length > 0
    ? { ok: false, faults: reader.faults }
    : { ok: true, value: [draft.finish()] };
}

function addControl(draft: Draft, source: Source, isClaude: boolean, file: string): void {
  const path = isClaude ? '~/.claude/settings.json' : '~/.srt-settings.json';
  draft.controls.push({ ...source, what: 'contract', space: 'machine', path });
  if (file === '-') return;
  const own = locate(file);
  if (own.ok && own.space === 'workspace' && own.path !== '**')
    draft.controls.push({ ...source, what: 'contract', space: 'workspace', path: own.path });
}

function readSandbox(node: Node, draft: Draft, isClaude: boolean): void {
  const { source } = node;
  addSrtNetwork(node.get('network'), draft, source);
  const credentials = node.get('credentials');
  // Claude Code documentation, Sandboxing: commands write to the folder that they work in, and names that are not allowed are asked about
  const folders = isClaude ? [{ source, space: 'workspace', path: '**' } as const] : [];
  addSrtFiles(node.get('filesystem'), credentials, draft, source, { folders });
  if (isClaude && node.find('network', 'allowManagedDomainsOnly')?.flag() !== true)
    draft.asks.push({ ...(node.find('network') ?? node).source, effect: 'network.new-host' });
  if (credentials !== undefined) addCredentials(credentials, draft);
  const weaker = node.get('enableWeakerNestedSandbox');
  if (weaker?.flag()) draft.word(weaker.source, 'unmaskedProc', 'the outer /proc');
  const trust = node.get('enableWeakerNetworkIsolation');
  if (trust?.flag())
    draft.unexpressed(trust.source, 'what macOS’s trust service passes on', [
      'exfiltration',
      'remote-control',
    ]);
  const events = node.get('allowAppleEvents');
  if (events?.flag())
    draft.unexpressed(
      events.source,
      'which other programs of macOS it starts and steers, outside of the sandbox',
    );
  const patterns = node.get('ignoreViolations');
  if (patterns !== undefined)
    draft.unexpressed(patterns.source, 'violations that are not reported', [
      'oversight-tampering',
      'deception',
    ]);
  for (const name of ['bwrapPath', 'socatPath', 'ripgrep', 'javaAgentJarPath']) {
    const path = node.get(name);
    if (path !== undefined)
      draft.unexpressed(path.source, `what the program that ${name} names does in the sandbox’s stead`);
  }
  const seccomp = node.get('seccomp');
  if (seccomp !== undefined)
    draft.unexpressed(seccomp.source, 'what the program that puts the system-call filter on does', [
      'escape',
    ]);
  node.skip('mandatoryDenySearchDepth', 'allowPty', 'windows', 'git', '$schema');
  if (!isClaude) return;
  const enabled = node.get('enabled');
  if (enabled?.flag() !== true) {
    draft.isolation = { ...draft.isolation, ...(enabled ?? node).source, kind: 'none' };
    draft.network = { ...(enabled ?? node).source, mode: 'machine', by: 'proxy' };
  }
  const unsandboxed = node.get('allowUnsandboxedCommands');
  if (unsandboxed?.flag() !== false)
    draft.asks.push({ ...(unsandboxed ?? node).source, effect: 'run a command outside of the sandbox' });
  const excluded = node.get('excludedCommands');
  for (const { node: each, text } of excluded?.texts() ?? [])
    draft.unexpressed(each.source, `what ${text} does, outside of the sandbox`);
  const auto = node.get('autoAllowBashIfSandboxed');
  if (auto?.flag() === false) draft.asks.push({ ...auto.source, effect: 'run a command' });
  node.skip('failIfUnavailable', 'enableWeakerNestedSandbox');
  node.rest(draft);
}

/** `credentials.envVars`, and masked files: what the proxy puts in has a name inside and its value outside. */
function addCredentials(credentials: Node, draft: Draft): void {
  const hosts = draft.destinations.map(({ host }) => host);
  const everywhere = hosts.length === 0 && draft.network.mode === 'all' ? ['*'] : hosts;
  for (const [list, named] of [
    ['envVars', 'name'],
    ['files', 'path'],
  ] as const)
    for (const each of credentials.get(list)?.items() ?? []) {
      const name = each.get(named)?.text() ?? '';
      const mode = each.get('mode')?.text();
      const into =
        each
          .get('injectHosts')
          ?.texts()
          .map(({ text }) => text) ?? everywhere;
      // where nothing matches, the value itself stays inside unless it says otherwise
      const falls = each.get('onExtractNoMatch')?.text() ?? 'warn';
      const partly = each.has('extract') || each.has('decode');
      each.skip('extract', 'decode', 'maskClaims', 'maskDuplicates');
      if (mode === 'mask') draft.secrets.push({ ...each.source, name, where: 'outside', hosts: into });
      if (mode === 'mask' && partly && falls === 'warn')
        draft.unexpressed(
          each.source,
          `whether ${name} is masked: it is seen where the pattern does not match`,
          ['exfiltration', 'resource-acquisition'],
        );
      each.rest(draft);
    }
  const plain = credentials.get('allowPlaintextInject');
  if (plain?.flag())
    draft.unexpressed(plain.source, 'who reads masked values on their way, unencrypted', ['exfiltration']);
  credentials.skip('awsPairs', 'sigv4');
  credentials.rest(draft);
}

/** What Claude Code's own settings say besides. */
function readClaude(root: Node, sandbox: Node | undefined, draft: Draft): void {
  if (sandbox === undefined) {
    draft.isolation = { ...draft.isolation, kind: 'none' };
    draft.network = { ...root.source, mode: 'machine', by: 'proxy' };
    addSrtFiles(undefined, undefined, draft, root.source, { unconfined: true });
  }
  const permissions = root.get('permissions');
  if (permissions !== undefined) {
    const mode = permissions.get('defaultMode');
    for (const { node, text } of permissions.get('allow')?.texts() ?? []) {
      const mcp = /^mcp__(.+?)(?:__(.+))?$/.exec(text);
      if (mcp !== null)
        draft.tools.push({ ...node.source, server: mcp[1] as string, tool: mcp[2] ?? '*', approved: false });
      else
        draft.unexpressed(
          node.source,
          `what the tool rule ${text} lets pass`,
          /^(Read|Grep|Glob)\b/.test(text) ? ['exfiltration'] : undefined,
        );
    }
    for (const { node, text } of permissions.get('ask')?.texts() ?? [])
      draft.asks.push({ ...node.source, effect: text });
    if (mode?.text() === 'bypassPermissions')
      draft.unexpressed(mode.source, 'what tools do that run outside of the sandbox, unasked');
    for (const { node, text } of permissions.get('additionalDirectories')?.texts() ?? [])
      draft.unexpressed(node.source, `which commands write to ${text}, too`);
    permissions.skip('deny', 'disableBypassPermissionsMode');
    permissions.rest(draft);
  }
  for (const name of [
    'hooks',
    'env',
    'apiKeyHelper',
    'mcpServers',
    'enableAllProjectMcpServers',
    'enabledMcpjsonServers',
  ]) {
    const other = root.get(name);
    if (other !== undefined) draft.unexpressed(other.source, `what ${name} adds outside of the sandbox`);
  }
  root.skip(
    '$schema',
    'model',
    'theme',
    'cleanupPeriodDays',
    'includeCoAuthoredBy',
    'statusLine',
    'outputStyle',
  );
  root.rest(draft);
}
