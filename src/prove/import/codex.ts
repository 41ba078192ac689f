/**
 * Codex's `config.toml` → a setting: sandbox mode or permission profile, approvals, environment, MCP servers, the model.
 *
 * Source: openai/codex, codex-rs/core/config.schema.json; Codex documentation, Configuration reference, Sandbox, Permissions.
 *
 * @module
 */
import type { Setting, Source } from '../setting/index.ts';
import { addPermissions } from './codex-permissions.ts';
import { addMcpServers } from './codex-tools.ts';
import { Draft } from './draft.ts';
import { Node, Reader } from './node.ts';
import { locate } from './paths.ts';
import { parseTomlTree } from './toml.ts';
import type { Parsed } from './tree.ts';
import type { Input } from './types.ts';

/** Keys that change how it looks, thinks or logs, and grant nothing. */
const SILENT =
  `agents allow_login_shell analytics audio auto_review background_terminal_max_timeout check_for_update_on_startup
 cli_auth_credentials_store compact_prompt debug desktop developer_instructions disable_paste_burst experimental_compact_prompt_file
 experimental_use_unified_exec_tool feedback file_opener forced_chatgpt_workspace_id forced_login_method ghost_snapshot hide_agent_reasoning history
 include_apps_instructions include_collaboration_mode_instructions include_environment_context include_permissions_instructions instructions log_dir
 mcp_oauth_callback_port mcp_oauth_callback_url mcp_oauth_credentials_store memories model model_auto_compact_token_limit
 model_auto_compact_token_limit_scope model_catalog_json model_context_window model_instructions_file model_reasoning_effort model_reasoning_summary
 model_supports_reasoning_summaries model_verbosity notice personality plan_mode_reasoning_effort project_doc_fallback_filenames
 project_doc_max_bytes project_root_markers review_model service_tier show_raw_agent_reasoning sqlite_home suppress_unstable_features_warning
 tool_output_token_limit tool_suggest tui chatgpt_base_url`.split(/\s+/);

/** Keys that run or reach something outside of the sandbox. */
const OUTSIDE: Readonly<Record<string, string>> = {
  notify: 'what the program that notify names does, outside of the sandbox',
  hooks: 'what hooks run, outside of the sandbox',
  apps: 'what apps and connectors do with the account that they are connected to',
  plugins: 'what plugins add',
  marketplaces: 'what plugins of other marketplaces add',
  otel: 'where records of what it does are sent',
  realtime: 'what realtime sessions send',
  skills: 'what skills make it run',
};

export function readCodex(text: string, input: Input): Parsed<Setting[]> {
  const parsed = parseTomlTree(text);
  if (!parsed.ok) return parsed;
  const reader = new Reader(input.file);
  const root = new Node(reader, parsed.value);
  const draft = new Draft('codex', 'Codex', root.source, 'sandbox', {
    ...root.source,
    mode: 'none',
    by: 'engine',
  });
  draft.isolation = { ...draft.isolation, user: 'operator' };
  draft.programs.push({ ...root.source, program: 'any' });
  draft.word(root.source, 'noLimits', 'memory, processes, CPU');
  addControls(draft, root.source, input.file);
  // a profile's keys stand before those of the file
  const named = root.get('profile');
  const profile = named === undefined ? undefined : root.find('profiles', named.text() ?? '');
  if (named !== undefined && profile === undefined)
    named.fault(`there is no profile ${named.text()}`, 'Name one of [profiles.NAME].');
  root.skip('profiles', 'projects');
  const get = (name: string): Node | undefined => {
    const own = profile?.get(name);
    const whole = root.get(name);
    return own ?? whole;
  };
  const mode = get('sandbox_mode');
  const permissions = get('default_permissions');
  const settings = root.get('permissions');
  if (mode === undefined && permissions !== undefined)
    addPermissions(permissions, settings, get('features'), draft);
  else addMode(mode, get('sandbox_workspace_write'), draft, root.source);
  if (mode !== undefined && permissions !== undefined)
    draft.unexpressed(permissions.source, 'the profile does not hold beside sandbox_mode', []);
  addApproval(get('approval_policy'), get('approvals_reviewer'), draft, root.source);
  addEnvironment(root.get('shell_environment_policy'), draft, root.source);
  addMcpServers(root.get('mcp_servers'), draft);
  addModel(root, get, draft);
  addSearch(get('web_search'), get('tools'), draft);
  readFeatures(get('features'), draft);
  for (const [name, what] of Object.entries(OUTSIDE)) {
    const node = get(name);
    if (node !== undefined) draft.unexpressed(node.source, what);
  }
  for (const each of [root, profile])
    each?.skip(...SILENT, 'oss_provider', 'windows', 'experimental_thread_store');
  profile?.rest(draft);
  root.rest(draft);
  return reader.faults.length > 0
    ? { ok: false, faults: reader.faults }
    : { ok: true, value: [draft.finish()] };
}

function addControls(draft: Draft, source: Source, file: string): void {
  for (const what of ['contract', 'approvals'] as const)
    draft.controls.push({ ...source, what, space: 'machine', path: '~/.codex/config.toml' });
  if (file === '-') return;
  const own = locate(file);
  if (own.ok && own.space === 'workspace' && own.path !== '**')
    draft.controls.push({ ...source, what: 'contract', space: 'workspace', path: own.path });
}

/** Files that stay as they are within what may be written: Codex documentation, Sandbox, protected paths. */
const PROTECTED = ['.git', '.agents', '.codex'];

export const protectedIn = (source: Source, folder: string) =>
  PROTECTED.flatMap((name) => [`${folder}${name}`, `${folder}${name}/**`]).map((path) => ({
    ...source,
    path,
    what: 'read-only' as const,
  }));

/** What may be read where nothing takes reading away: all of the machine. */
export function addReadAll(draft: Draft, source: Source): void {
  for (const [space, path] of [
    ['machine', '/'],
    ['workspace', '**'],
  ] as const)
    draft.files.push({
      ...source,
      space,
      path,
      read: true,
      write: false,
      execute: true,
      lands: 'at once',
      except: [],
    });
}

const WRITABLE = { read: true, write: true, execute: true, lands: 'at once' } as const;

/** `sandbox_mode`, and what belongs to `workspace-write`; the default in a folder that was trusted. */
function addMode(mode: Node | undefined, write: Node | undefined, draft: Draft, source: Source): void {
  const value = mode?.text() ?? 'workspace-write';
  const from = mode?.source ?? source;
  if (mode === undefined)
    draft.unexpressed(
      source,
      'sandbox_mode is not written: workspace-write holds where the folder is trusted, read-only elsewhere',
      [],
    );
  addReadAll(draft, from);
  const network = write?.get('network_access');
  const roots = write?.get('writable_roots');
  const noTmp = write?.get('exclude_slash_tmp')?.flag() ?? false;
  const noTmpDir = write?.get('exclude_tmpdir_env_var')?.flag() ?? false;
  write?.rest(draft);
  switch (value) {
    case 'read-only':
      return;
    case 'danger-full-access':
      draft.isolation = { ...draft.isolation, ...from, kind: 'none' };
      draft.network = { ...from, mode: 'machine', by: 'engine' };
      for (const [space, path] of [
        ['machine', '/'],
        ['workspace', '**'],
      ] as const)
        draft.files.push({ ...from, space, path, ...WRITABLE, except: [] });
      return;
    case 'workspace-write':
      break;
    default:
      mode?.fault(`${value} is no sandbox mode`, 'Write read-only, workspace-write or danger-full-access.');
      return;
  }
  if (network?.flag()) draft.network = { ...network.source, mode: 'machine', by: 'engine' };
  draft.files.push({ ...from, space: 'workspace', path: '**', ...WRITABLE, except: protectedIn(from, '') });
  for (const { node, text } of roots?.texts() ?? []) {
    const found = locate(text);
    if (!found.ok) draft.unexpressed(node.source, found.text);
    else
      draft.files.push({
        ...node.source,
        space: found.space,
        path: found.path,
        ...WRITABLE,
        except: protectedIn(node.source, found.path === '**' ? '' : `${found.path}/`),
      });
  }
  if (!noTmp) draft.files.push({ ...from, space: 'machine', path: '/tmp', ...WRITABLE, except: [] });
  if (!noTmpDir) draft.unexpressed(from, 'the folder that $TMPDIR names can be written, too', []);
}

/** `approval_policy`: what a person may let run outside of the sandbox. */
function addApproval(
  policy: Node | undefined,
  reviewer: Node | undefined,
  draft: Draft,
  source: Source,
): void {
  const by = reviewer?.text();
  if (reviewer !== undefined && by !== 'user')
    draft.unexpressed(reviewer.source, 'what a model allows that answers in the person’s stead');
  if (policy?.tree.kind === 'map') {
    const granular = policy.get('granular');
    for (const [name, node] of granular?.entries() ?? [])
      if (node.flag()) draft.asks.push({ ...node.source, effect: name.replaceAll('_', ' ') });
    policy.rest(draft);
    return;
  }
  const value = policy?.text() ?? 'on-request';
  const from = policy?.source ?? source;
  if (!['untrusted', 'on-failure', 'on-request', 'never'].includes(value))
    policy?.fault(`${value} is no approval policy`, 'Write untrusted, on-request or never.');
  else if (value !== 'never') draft.asks.push({ ...from, effect: 'run a command outside of the sandbox' });
}

/** `shell_environment_policy`. Unless it says otherwise, names with KEY, SECRET or TOKEN in them are left out where that is asked for. */
function addEnvironment(policy: Node | undefined, draft: Draft, source: Source): void {
  const inherit = policy?.get('inherit')?.text() ?? 'all';
  const only = policy?.get('include_only');
  const from = policy?.source ?? source;
  const unfiltered = policy?.get('ignore_default_excludes');
  const exclude = policy?.get('exclude');
  if (only !== undefined)
    for (const { node, text } of only.texts())
      draft.variables.push({ ...node.source, name: text, from: 'passed' });
  else if (inherit === 'core')
    for (const name of ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'USER'])
      draft.variables.push({ ...from, name, from: 'passed' });
  else if (inherit === 'all') {
    draft.variables.push({ ...from, name: '*', from: 'passed' });
    if (unfiltered?.flag() === false)
      draft.unexpressed(
        unfiltered.source,
        'variables with KEY, SECRET or TOKEN in their names are left out',
        [],
      );
    for (const { node, text } of exclude?.texts() ?? [])
      draft.unexpressed(node.source, `variables that match ${text} are left out`, []);
  }
  for (const [name, node] of policy?.get('set')?.entries() ?? [])
    draft.variables.push({ ...node.source, name, from: 'set' });
  policy?.skip('experimental_use_profile');
  policy?.rest(draft);
}

/** The model is called by Codex itself, with a key of its own; nothing ends the calls. */
function addModel(root: Node, get: (name: string) => Node | undefined, draft: Draft): void {
  const provider = get('model_provider');
  const name = provider?.text() ?? 'openai';
  const own = root.find('model_providers', name);
  const url = own?.get('base_url') ?? root.get('openai_base_url');
  root.skip('model_providers', 'openai_base_url');
  const host = url === undefined ? undefined : /^\w+:\/\/([^/:]+)/.exec(url.text() ?? '')?.[1];
  draft.models.push({
    ...(provider ?? root).source,
    provider: name,
    ...(host !== undefined ? { host } : name === 'openai' ? { host: 'api.openai.com' } : {}),
    keySeen: false,
    budgeted: false,
  });
}

function addSearch(search: Node | undefined, tools: Node | undefined, draft: Draft): void {
  const mode = search?.text();
  const tool = tools?.get('web_search');
  if (
    (search !== undefined && mode !== 'disabled') ||
    (tool !== undefined && tool.tree.kind === 'map') ||
    tool?.flag() === true
  )
    draft.unexpressed((search ?? (tool as Node)).source, 'where searches for words of its choosing go', [
      'exfiltration',
      'remote-control',
      'self-replication',
      'collusion',
    ]);
  tools?.skip('experimental_request_user_input', 'view_image');
  tools?.rest(draft);
}

/** Switches that open ways of their own. The others change how it works. */
const OPENING =
  /^(apps|browser_use|browser_use_external|computer_use|connectors|in_app_browser|remote_control|plugins|web_search\w*|standalone_web_search|hooks|plugin_hooks|codex_hooks)$/;

function readFeatures(features: Node | undefined, draft: Draft): void {
  for (const [name, node] of features?.entries() ?? [])
    if (OPENING.test(name) && node.tree.kind === 'scalar' && node.tree.value === true)
      draft.unexpressed(node.source, `what the feature ${name} does outside of the sandbox`);
}
