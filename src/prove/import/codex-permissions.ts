/**
 * Codex's permission profiles: `default_permissions` names one of `[permissions.NAME]`, or one that is built in.
 *
 * Source: Codex documentation, Permissions (beta); openai/codex, codex-rs/core/config.schema.json.
 *
 * @module
 */
import { isWithin } from '../../contract/index.ts';
import type { FileException, Source, Space } from '../setting/index.ts';
import { addReadAll, protectedIn } from './codex.ts';
import type { Draft } from './draft.ts';
import type { Node } from './node.ts';
import { locate } from './paths.ts';

const WRITABLE = { read: true, write: true, execute: true, lands: 'at once' } as const;

export function addPermissions(
  chosen: Node,
  profiles: Node | undefined,
  features: Node | undefined,
  draft: Draft,
): void {
  const name = chosen.text() ?? '';
  if (name.startsWith(':')) {
    addBuiltIn(chosen, name, draft);
    return;
  }
  const profile = profiles?.find(name);
  if (profile === undefined) {
    chosen.fault(`there is no profile ${name}`, 'Name one of [permissions.NAME], :read-only or :workspace.');
    return;
  }
  const base = profile.get('extends');
  if (base !== undefined) {
    const parent = base.text() ?? '';
    if (parent.startsWith(':')) addBuiltIn(base, parent, draft);
    else draft.unexpressed(base.source, `what the profile ${parent} grants besides`);
  }
  for (const [root, node] of profile.get('workspace_roots')?.entries() ?? [])
    if (node.tree.kind !== 'scalar' || node.tree.value !== false) addRoot(node.source, root, 'write', draft);
  addFilesystem(profile.get('filesystem'), draft);
  addNetwork(profile.get('network'), features, draft);
  profile.skip('description');
  profile.rest(draft);
}

function addBuiltIn(node: Node, name: string, draft: Draft): void {
  const { source } = node;
  switch (name) {
    case ':read-only':
      addReadAll(draft, source);
      break;
    case ':workspace':
      addReadAll(draft, source);
      draft.files.push({
        ...source,
        space: 'workspace',
        path: '**',
        ...WRITABLE,
        except: protectedIn(source, ''),
      });
      draft.files.push({ ...source, space: 'machine', path: '/tmp', ...WRITABLE, except: [] });
      break;
    case ':danger-full-access':
      draft.isolation = { ...draft.isolation, ...source, kind: 'none' };
      draft.network = { ...source, mode: 'machine', by: 'engine' };
      addReadAll(draft, source);
      draft.files.push({ ...source, space: 'machine', path: '/', ...WRITABLE, except: [] });
      draft.files.push({ ...source, space: 'workspace', path: '**', ...WRITABLE, except: [] });
      break;
    default:
      node.fault(`${name} is not built in`, 'Write :read-only, :workspace or :danger-full-access.');
  }
}

type Access = 'read' | 'write' | 'deny';

/** Paths and special names with their access; under `:workspace_roots`, paths within these. */
function addFilesystem(filesystem: Node | undefined, draft: Draft): void {
  const entries: { node: Node; space: Space; path: string; access: Access }[] = [];
  for (const [path, node] of filesystem?.entries() ?? []) {
    if (path === 'glob_scan_max_depth') continue;
    if (node.tree.kind === 'map') {
      for (const [below, access] of node.entries())
        if (path === ':workspace_roots' || path === ':project_roots') {
          const value = accessOf(access);
          if (value !== undefined)
            entries.push({
              node: access,
              space: 'workspace',
              path: below === '.' ? '**' : below,
              access: value,
            });
        } else draft.unexpressed(access.source, `which files ${path} ${below} means`);
      continue;
    }
    const access = accessOf(node);
    const places = placesOf(path);
    if (access === undefined) continue;
    if (places === undefined) draft.unexpressed(node.source, `which files ${path} means`);
    for (const place of places ?? []) entries.push({ node, ...place, access });
  }
  for (const { node, space, path, access } of entries) {
    if (access === 'deny') continue;
    const within = entries.filter(
      (each) =>
        each.space === space && each.path !== path && (space === 'workspace' || isWithin(each.path, path)),
    );
    const taken = within.flatMap((each): FileException[] =>
      each.access === 'deny'
        ? both(each.path).map((one) => ({ ...each.node.source, path: one, what: 'hidden' }))
        : each.access === 'read' && access === 'write'
          ? both(each.path).map((one) => ({ ...each.node.source, path: one, what: 'read-only' }))
          : [],
    );
    const isWrite = access === 'write';
    draft.files.push({
      ...node.source,
      space,
      path,
      ...WRITABLE,
      write: isWrite,
      except: [...taken, ...(isWrite && path === '**' ? protectedIn(node.source, '') : [])],
    });
  }
}

const both = (path: string): string[] => (path.endsWith('**') ? [path] : [path, `${path}/**`]);

function accessOf(node: Node): Access | undefined {
  const text = node.text();
  if (text === 'read' || text === 'write') return text;
  if (text === 'none' || text === 'deny') return 'deny';
  return node.fault(`${text} is no access`, 'Write read, write or deny.');
}

function placesOf(path: string): { space: Space; path: string }[] | undefined {
  switch (path) {
    case ':root':
      return [
        { space: 'machine', path: '/' },
        { space: 'workspace', path: '**' },
      ];
    case ':workspace_roots':
    case ':project_roots':
      return [{ space: 'workspace', path: '**' }];
    case ':slash_tmp':
      return [{ space: 'machine', path: '/tmp' }];
    case ':minimal':
      // what programs need of the system: its own folders, no data of people
      return ['/usr', '/bin', '/lib', '/etc'].map((folder) => ({ space: 'machine', path: folder }));
  }
  if (path.startsWith(':')) return undefined;
  const found = locate(path);
  return found.ok ? [{ space: found.space, path: found.path }] : undefined;
}

function addRoot(source: Source, root: string, access: Access, draft: Draft): void {
  const found = locate(root);
  if (!found.ok) draft.unexpressed(source, found.text);
  else
    draft.files.push({
      ...source,
      space: found.space,
      path: found.path,
      ...WRITABLE,
      write: access === 'write',
      except: protectedIn(source, found.path === '**' ? '' : `${found.path}/`),
    });
}

/** Names hold only where the feature’s proxy runs; without it they limit nothing. */
function addNetwork(network: Node | undefined, features: Node | undefined, draft: Draft): void {
  const enabled = network?.get('enabled');
  if (network === undefined || enabled?.flag() !== true) {
    network?.skip('domains', 'unix_sockets', 'mode');
    return;
  }
  const proxy = features?.find('network_proxy');
  const hasProxy =
    proxy !== undefined &&
    (proxy.tree.kind === 'map' ? (proxy.get('enabled')?.flag() ?? true) : proxy.flag());
  const domains = network.get('domains');
  if (!hasProxy || domains === undefined) {
    draft.network = { ...enabled.source, mode: 'machine', by: 'engine' };
    for (const [name, node] of domains?.entries() ?? [])
      draft.unexpressed(node.source, `${name} limits nothing: no proxy runs`, []);
  } else {
    draft.network = { ...domains.source, mode: 'named', by: 'proxy' };
    for (const [host, node] of domains.entries())
      if (node.text() === 'allow')
        draft.destinations.push({
          ...node.source,
          // `**.` is for a name and all below it
          host: host.replace(/^\*\*\./, '*.'),
          port: 'any',
          protocol: 'any',
          addresses: [],
          services: [],
          shared: true,
        });
  }
  for (const [path, node] of network.get('unix_sockets')?.entries() ?? [])
    if (node.text() === 'allow') draft.sockets.push({ ...node.source, path });
  network.skip(
    'mode',
    'proxy_url',
    'socks_url',
    'enable_socks5',
    'enable_socks5_udp',
    'allow_upstream_proxy',
  );
  network.rest(draft);
}
