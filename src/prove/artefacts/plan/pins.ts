/**
 * Connects that the gateway carries from the start: only addresses that the contract itself writes out.
 *
 * @module
 */
import { isIP } from 'node:net';
import {
  CALLS_ADDRESS,
  CALLS_PORT,
  type Contract,
  MODEL_ADDRESS,
  MODEL_PORT,
  type Plan,
  takesDeclarations,
} from '../../../contract/index.ts';
import { PACKAGE_ADDRESS, PACKAGE_PORT } from '../../../contract/packages.ts';
import { TOOL_ADDRESS, TOOL_PORT } from '../../../contract/tools.ts';
import type { Breach } from './types.ts';

/** The 16 bytes of an address, an IPv4 one as mapped: two spellings of an address are one (RFC 4291 §2.5.5.2). */
export function addressBytes(text: string): string | undefined {
  const kind = isIP(text);
  if (kind === 4)
    return `${'00'.repeat(10)}ffff${text
      .split('.')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
      .join('')}`;
  if (kind !== 6 || text.includes('%')) return undefined;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const groups = dotted
    ? `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
    : text;
  const [head = '', tail] = groups.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => group.padStart(4, '0').toLowerCase());
  const [front, back] = [read(head), tail === undefined ? [] : read(tail)];
  return [...front, ...Array<string>(8 - front.length - back.length).fill('0000'), ...back].join('');
}

export function pinBreaches(plan: Plan, contract: Contract): Breach[] {
  return plan.flatMap((op, operation): Breach[] => {
    if (op[0] !== 'pin') return [];
    const [, family, address, port, transport] = op;
    const bytes = addressBytes(address);
    const fits = (family === '4') === (isIP(address) === 4);
    const index = address === PACKAGE_ADDRESS && Number(port) === PACKAGE_PORT && transport === 'tcp';
    if (fits && index && contract.packages.length > 0) return [];
    const models = address === MODEL_ADDRESS && Number(port) === MODEL_PORT && transport === 'tcp';
    if (fits && models && contract.models.length > 0) return [];
    const tools = address === TOOL_ADDRESS && Number(port) === TOOL_PORT && transport === 'tcp';
    if (fits && tools && contract.tools.length > 0) return [];
    const calls = address === CALLS_ADDRESS && Number(port) === CALLS_PORT && transport === 'tcp';
    if (fits && calls && takesDeclarations(contract)) return [];
    const named = contract.network.some((rule) => {
      const written = isIP(rule.host) ? [rule.host] : (contract.resolve[rule.host] ?? []);
      return (
        String(rule.port) === port &&
        (rule.protocol === 'udp') === (transport === 'udp') &&
        written.some((one) => addressBytes(one) === bytes)
      );
    });
    if (bytes !== undefined && fits && named) return [];
    return [
      {
        promise: 'network',
        says: `${address}, port ${port} (${transport}) could be reached without being looked up`,
        witness: `${address}:${port}`,
        operation,
        clause: 'network',
      },
    ];
  });
}
