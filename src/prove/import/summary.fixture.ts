/**
 * A setting as short lines, which people can hold against what they know of a format.
 *
 * @module
 */
import type { Setting } from '../setting/index.ts';

/** All that is granted, a line each; of what every container grants (its own files, any program) nothing is said. */
export function summaryOf(setting: Setting): string[] {
  const { isolation, network, compute, several } = setting;
  return [
    `${setting.name}: ${isolation.kind}, user ${isolation.user}, network ${network.mode}`,
    ...isolation.words.map(({ word, detail }) => `word ${word}${detail === undefined ? '' : ` (${detail})`}`),
    ...setting.files
      .filter(({ space, lands }) => space !== 'private' || lands !== 'never')
      .map(
        ({ space, path, inside, read, write, lands, volume, shared, except }) =>
          `${read ? 'r' : ''}${write ? 'w' : ''} ${space} ${volume ?? path}${inside === undefined ? '' : ` at ${inside}`}${write ? `, ${lands}` : ''}${shared ? ', shared' : ''}${except.length === 0 ? '' : `, but ${[...new Set(except.map(({ what, path: each }) => `${what} ${each.replace(/[{]\.gitconfig.*[}]/, 'PROTECTED')}`))].join(' ')}`}`,
      ),
    ...setting.destinations.map(
      ({ host, port, services, addresses, shared }) =>
        `to ${host}:${port}${services.map((word) => ` ${word}`).join('')}${addresses.map(({ address }) => ` = ${address}`).join('')}${shared ? '' : ', not shared'}`,
    ),
    ...setting.inbound.map(
      ({ from, port, inside, protocol }) => `from ${from} ${port} → ${inside}/${protocol}`,
    ),
    ...setting.sockets.map(({ path }) => `socket ${path}`),
    ...setting.secrets.map(
      ({ name, where, hosts }) =>
        `secret ${name} ${where}${hosts.length === 0 ? '' : ` for ${hosts.join(' ')}`}`,
    ),
    ...setting.variables.map(({ name, from }) => `variable ${name} ${from}`),
    ...compute.gpus.map(({ text }) => `gpu ${text}`),
    ...(compute.bounded ? [`ends: ${compute.text}`] : []),
    ...setting.models.map(
      ({ provider, host, keySeen }) => `model ${provider} ${host ?? '?'}${keySeen ? ', key seen' : ''}`,
    ),
    ...setting.tools.map(
      ({ server, tool, approved }) => `tool ${server} ${tool}${approved ? ', approved' : ''}`,
    ),
    ...setting.oversight.asks.map(({ effect }) => `asks: ${effect}`),
    ...setting.controls.map(({ what, space, path }) => `${what} in ${space} ${path}`),
    ...(several === undefined ? [] : [`several: ${several.clause}`]),
    ...setting.unexpressed.map(
      ({ clause, text, hazards }) =>
        `unexpressed ${clause}: ${text}${hazards === undefined ? '' : ` [${hazards.join(' ')}]`}`,
    ),
  ];
}
