/**
 * Destinations: what may be reached, what may be done there, what the catalogue knows of it, and what is asked about.
 *
 * @module
 */
import { addressKind, formatSize, mustBeWrittenOut } from '../../contract/index.ts';
import type { Affordance, Catalogue } from '../catalogue/index.ts';
import { intersect, type Pattern, parseHost, parsePath, shortestWord } from '../patterns/index.ts';
import type { Destination as Granted, Setting } from '../setting/index.ts';
import { isBeside } from './beside.ts';
import type { Sheet } from './sheet.ts';
import type { Destination } from './types.ts';

/** Methods that are defined to change nothing where they are sent (RFC 9110, section 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const HTTP = new Set(['http', 'https']);

/** The effects that a person may allow during a run and that are about the network alone. */
const NETWORK_EFFECTS = new Set(['network.new-host', 'packages.new']);

export function addNetwork(sheet: Sheet, setting: Setting, catalogue: Catalogue): void {
  addMode(sheet, setting);
  for (const granted of setting.destinations) addDestination(sheet, granted, setting, catalogue);
  addModels(sheet, setting, catalogue);
  for (const asked of setting.oversight.asks)
    sheet.add(
      [NETWORK_EFFECTS.has(asked.effect) ? 'asks' : 'escalates', asked.effect],
      asked,
      `a person may allow what ${asked.effect} asks for`,
    );
  for (const artefact of setting.artefacts)
    sheet.add(
      ['fetches', 'gateway', `${artefact.clause} ${artefact.from}`],
      artefact,
      `the gateway fetches listed packages from ${artefact.from}`,
    );
}

/** Networks on which nothing is named. */
function addMode(sheet: Sheet, { network }: Setting): void {
  if (network.mode !== 'all' && network.mode !== 'machine') return;
  sheet.add(['reaches', 'agent', 'anywhere'], network, 'the agent reaches every host');
  // nothing but our own gateway keeps private addresses out
  sheet.add(
    ['near', 'anywhere'],
    network,
    network.mode === 'machine'
      ? 'the machine’s own services are among them'
      : 'the machine and its neighbours are among them',
  );
}

function addDestination(sheet: Sheet, granted: Granted, setting: Setting, catalogue: Catalogue): void {
  const { host, port, protocol } = granted;
  const parsed = parseHost(host);
  if (!parsed.ok) sheet.unread(granted, parsed.message);
  const patterns = parsed.ok ? [parsed.pattern] : [];
  const name = `${granted.clause} ${host}:${port}/${protocol}`;
  const where = destinationOf(granted, patterns);
  sheet.destinations.set(name, where);
  const over = protocol === 'any' ? 'whatever is spoken' : `over ${protocol}`;
  sheet.add(
    ['reaches', 'agent', name],
    granted,
    `the agent reaches ${host === '*' ? 'any host' : host}:${port} ${over}${describeBounds(granted)}`,
  );
  if (host === '*' && setting.network.by !== 'gateway')
    sheet.add(['near', name], granted, 'the machine and its neighbours are among them');
  if (isBeside(host, setting))
    sheet.add(
      ['beside', name],
      granted,
      `${host} is a name of the machine itself, or of what shares its network with the agent`,
    );
  for (const { clause, place, address } of nearAddresses(granted))
    sheet.add(
      ['near', name],
      place === undefined ? clause : { clause, place },
      `${where.host} is ${address}, an address that is not public`,
    );
  addPowers(sheet, name, granted);
  for (const entry of catalogue.affordances) {
    if (entry.kind === 'trigger' || !serves(sheet, entry, granted, patterns)) continue;
    sheet.add(['serves', name, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${entry.prose}`);
    sheet.offers(entry);
  }
}

/** What may be done there: whether requests can change something, whether their names are free, who else comes there. */
function addPowers(sheet: Sheet, name: string, granted: Granted): void {
  const { protocol, methods, paths, shared } = granted;
  const isHttp = HTTP.has(protocol);
  const changing = methods?.find((method) => !SAFE_METHODS.has(method));
  if (!isHttp || methods === undefined || changing !== undefined)
    sheet.add(
      ['posts', name],
      granted,
      isHttp && changing !== undefined
        ? `requests may be ${changing}, which is for changing something`
        : 'nothing keeps the agent from changing something there',
    );
  const isNamed = !isHttp || paths === undefined || paths.some((path) => /[*?[{]/.test(path));
  if (isNamed)
    sheet.add(['names', name], granted, 'what is asked for can have a name of the agent’s choosing');
  if (isNamed || methods === undefined || changing !== undefined)
    sheet.add(['steers', name], granted, 'requests can say where to go on to');
  if (shared) sheet.add(['shared', name], granted, 'other runs may reach the same service');
}

/** Calls to a model are requests to its provider, whose key stays outside. */
function addModels(sheet: Sheet, { models }: Setting, { affordances }: Catalogue): void {
  for (const model of models) {
    const name = `${model.clause} ${model.provider}`;
    sheet.add(['reaches', 'agent', name], model, `the agent’s requests go to the model of ${model.provider}`);
    sheet.add(['posts', name], model, 'a call carries text of the agent’s choosing');
    sheet.add(['steers', name], model, 'a call can say where to go on to');
    if (model.host !== undefined)
      sheet.destinations.set(name, {
        host: model.host,
        port: 443,
        protocol: 'https',
        sends: 'POST',
        path: '/',
      });
    const named = parseHost(model.host ?? '');
    for (const entry of affordances) {
      if (entry.kind === 'trigger') continue;
      const isHost = named.ok && meets(sheet, [named.pattern], entry);
      if (!isHost && !entry.match.service?.includes('model-api')) continue;
      sheet.add(['serves', name, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${entry.prose}`);
      sheet.offers(entry);
    }
    if (!model.budgeted)
      sheet.add(['unbounded', name], model, `no budget ends the calls to ${model.provider}`);
  }
}

function describeBounds({ methods, paths, headers, body, bytes, connections }: Granted): string {
  const parts = [
    ...(methods === undefined ? [] : [`with ${methods.join(', ')}`]),
    ...(paths === undefined ? [] : [`at ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ' …' : ''}`]),
    ...(headers === undefined ? [] : [`headers ${headers.slice(0, 3).join(', ') || 'none'}`]),
    ...(body === undefined ? [] : [`bodies of at most ${formatSize(body)}`]),
    ...(connections === undefined ? [] : [`at most ${connections} connections`]),
    ...(bytes === undefined ? [] : [`at most ${formatSize(bytes)}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** What is typed where the set-up names none. */
const SOME_PORT = 443;

function destinationOf(
  { host, port, protocol, methods, paths }: Granted,
  patterns: readonly Pattern[],
): Destination {
  const found = shortestWord({ all: [patterns] });
  const sends = (['POST', 'PUT', 'PATCH'] as const).find((method) => methods?.includes(method) ?? true);
  const read = (paths ?? []).flatMap((path) => {
    const parsed = parsePath(path);
    return parsed.ok ? [parsed.pattern] : [];
  });
  const path = shortestWord({ all: [read] });
  const shown = host === '*' ? 'outside.example.com' : found.ok ? found.word : undefined;
  return {
    host: shown ?? host,
    port: port === 'any' ? SOME_PORT : port,
    protocol: protocol === 'any' ? (port === 22 ? 'ssh' : port === 80 ? 'http' : 'https') : protocol,
    ...(sends !== undefined && { sends }),
    ...(methods?.includes('GET') === false && { asks: methods.includes('HEAD') ? 'HEAD' : methods[0] }),
    path: (path.ok ? path.word : undefined) ?? '/',
  };
}

/** Addresses that may be this machine's own or a neighbour's, with what says so where it is not the grant itself. */
function* nearAddresses(granted: Granted): Generator<Granted['addresses'][number]> {
  const isNear = (address: string): boolean => {
    const kind = addressKind(address);
    return kind !== undefined && mustBeWrittenOut(kind);
  };
  const { host, clause, place, addresses } = granted;
  if (isNear(host)) yield { clause, ...(place !== undefined && { place }), name: host, address: host };
  for (const each of addresses) if (isNear(each.address)) yield each;
}

/** Whether an entry of the catalogue speaks of a host. Too large to find out counts as yes: no path is left out. */
function meets(sheet: Sheet, patterns: readonly Pattern[], { match }: Affordance): boolean {
  const common = intersect(patterns, sheet.named(match.host ?? []));
  return !common.ok || common.word !== undefined;
}

/** Whether an entry speaks of a destination: by its name, its class, its protocol, or its port where that is not 443's. */
function serves(sheet: Sheet, entry: Affordance, granted: Granted, patterns: readonly Pattern[]): boolean {
  const { protocol = [], port = [], service = [] } = entry.match;
  if (granted.host !== '*' && meets(sheet, patterns, entry)) return true;
  if (service.some((word) => granted.services.includes(word))) return true;
  if (granted.protocol !== 'https' && protocol.includes(granted.protocol)) return true;
  if (granted.protocol === 'any' && (protocol.includes('tcp') || protocol.includes('udp'))) return true;
  if (
    granted.port !== 'any' &&
    port.includes(granted.port) &&
    granted.protocol !== 'https' &&
    granted.methods === undefined
  )
    return true;
  if (service.includes('any-host') && /^\*(\.[^.]+)?$/.test(granted.host)) return true;
  const addresses = [granted.host, ...granted.addresses.map(({ address }) => address)];
  return (
    service.includes('link-local-metadata') &&
    addresses.some((address) => addressKind(address) === 'metadata')
  );
}
