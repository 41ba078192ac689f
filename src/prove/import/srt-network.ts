/**
 * Network rules of sandbox-runtime: a proxy that lets names pass, whatever is spoken.
 *
 * @module
 */
import type { Source } from '../setting/index.ts';
import type { Draft } from './draft.ts';
import type { Node } from './node.ts';

interface Domain {
  readonly host: string;
  readonly port: number | 'any';
  readonly source: Source;
  readonly text: string;
}

export function addSrtNetwork(node: Node | undefined, draft: Draft, source: Source): void {
  if (node === undefined) return;
  const allowed = domainsOf(node.get('allowedDomains'));
  const denied = domainsOf(node.get('deniedDomains'));
  const open = allowed.filter((each) => !denied.some((other) => covers(other, each)));
  draft.network = {
    ...(node.find('allowedDomains') ?? node).source,
    mode: open.length === 0 ? 'none' : 'named',
    by: 'proxy',
  };
  for (const { host, port, source: from } of open)
    draft.destinations.push({
      ...from,
      host,
      port,
      protocol: 'any',
      addresses: [],
      services: host === '*' ? ['any-host'] : [],
      shared: true,
    });
  for (const { source: from, text } of denied)
    if (open.some((each) => covers(each, { host: text.replace(/:\d+$/, ''), port: each.port })))
      draft.unexpressed(from, `${text} is left out of what a wildcard allows`, []);
  addSockets(node, draft);
  const binding = node.get('allowLocalBinding');
  if (binding?.flag())
    draft.unexpressed(binding.source, 'who can connect to ports that it opens on macOS', ['remote-control']);
  for (const name of ['httpProxyPort', 'socksProxyPort', 'mitmProxy']) {
    const proxy = node.get(name);
    if (proxy !== undefined)
      draft.unexpressed(proxy.source, `what the proxy of ${name} lets pass in its stead`);
  }
  const lookups = node.get('allowMachLookup');
  for (const { node: each, text } of lookups?.texts() ?? [])
    draft.unexpressed(each.source, `what the macOS service ${text} does for whoever asks it`);
  node.skip(
    'deniedDomainReasons',
    'strictAllowlist',
    'deniedResolvedAddresses',
    'parentProxy',
    'tlsTerminate',
    'filterRequest',
  );
  node.rest(draft);
  if (draft.network.mode === 'none') draft.network = { ...draft.network, ...source };
}

function addSockets(node: Node, draft: Draft): void {
  // Linux has no list of paths: there it is all or none
  for (const { node: each, text } of node.get('allowUnixSockets')?.texts() ?? [])
    draft.sockets.push({ ...each.source, path: text });
  const all = node.get('allowAllUnixSockets');
  if (all?.flag()) draft.sockets.push({ ...all.source, path: '/**' });
}

function domainsOf(list: Node | undefined): Domain[] {
  return (list?.texts() ?? []).flatMap(({ node, text }): Domain[] => {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/.exec(text);
    if (match === null) {
      node.fault(
        `${text} is not a domain`,
        'Write a name such as api.example.com, *.example.com or name:443.',
      );
      return [];
    }
    const host = (match[1] ?? match[2] ?? '').toLowerCase();
    return [{ host, port: match[3] === undefined ? 'any' : Number(match[3]), source: node.source, text }];
  });
}

/** Whether one rule holds for all that another names. */
function covers(one: Pick<Domain, 'host' | 'port'>, other: Pick<Domain, 'host' | 'port'>): boolean {
  if (one.port !== 'any' && one.port !== other.port) return false;
  if (one.host === '*' || one.host === other.host) return true;
  return one.host.startsWith('*.') && other.host.endsWith(one.host.slice(1));
}
