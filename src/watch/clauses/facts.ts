/**
 * What a contract says, as plain questions about values. Written anew and not taken from the parts that enforce it: a
 * mistake there is not made here, too.
 *
 * @module
 */
import type { Contract, NetworkRule } from '../../contract/index.ts';
import type { External } from '../temporal/index.ts';

const lower = (text: string | number): string => String(text).toLowerCase().replace(/\.$/, '');

/** Whether a host is the one written, or lies below a written wildcard. */
function names(written: string, host: string): boolean {
  if (!written.startsWith('*.')) return lower(written) === host;
  const base = lower(written).slice(2).split('.');
  const labels = host.split('.');
  return labels.length > base.length && labels.slice(-base.length).join('.') === base.join('.');
}

/** An address in one spelling: of IPv6 all its groups, of a mapped IPv4 address that. */
export function plainAddress(text: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text);
  if (mapped) return mapped[1] as string;
  if (!text.includes(':')) return text;
  const [head = '', tail] = text.toLowerCase().split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const gap =
    tail === undefined ? [] : new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...gap, ...right].map((group) => group.replace(/^0+(?=.)/, '')).join(':');
}

/** `network[3]` → 3; `network[3].bytes` as well. */
const indexOf = (clause: string | number): number =>
  Number(/^network\[(\d+)\]/.exec(String(clause))?.[1] ?? -1);

/** Number of bytes by which a flow may be ahead of its budget when it is ended: what is on its way. */
const SLACK = 16 * 2 ** 20;

/** The questions that formulas ask of a contract. */
export function questionsOf(contract: Contract): Readonly<Record<string, External>> {
  const ruleOf = (clause: string | number): NetworkRule | undefined => contract.network[indexOf(clause)];
  const written = new Set(
    [...contract.network.map(({ host }) => host), ...Object.values(contract.resolve).flat()].map(
      plainAddress,
    ),
  );
  return {
    /** a line of the contract as it was written, and not one that an operator added */
    written: (clause) => ruleOf(clause) !== undefined,
    /** a line that an operator added: they are numbered after those of the contract */
    added: (clause) => indexOf(clause) >= contract.network.length,
    /** the line names this host, or this address */
    names: (clause, host) => {
      const rule = ruleOf(clause);
      return (
        rule !== undefined &&
        (names(rule.host, lower(host)) || plainAddress(rule.host) === plainAddress(String(host)))
      );
    },
    port: (clause, port) => ruleOf(clause)?.port === Number(port),
    /** the address stands in the contract */
    literal: (address) => written.has(plainAddress(String(address))),
    same: (left, right) => plainAddress(String(left)) === plainAddress(String(right)),
    /** some line of `network` names this host */
    known: (host) => contract.network.some((rule) => names(rule.host, lower(host))),
    method: (clause, method) => {
      const methods = ruleOf(clause)?.methods;
      return methods === undefined || methods.includes(String(method).toUpperCase());
    },
    /** the secret may be put into requests to this host */
    entitled: (secret, host) =>
      Object.entries(contract.secrets).some(
        ([name, rule]) => name === secret && rule.for.some((pattern) => names(pattern, lower(host))),
      ),
    overBytes: (clause, bytes) => {
      const budget = ruleOf(clause)?.bytes;
      return budget !== undefined && Number(bytes) > budget + SLACK;
    },
    overConnections: (clause, count) => {
      const budget = ruleOf(clause)?.connections;
      return budget !== undefined && Number(count) > budget;
    },
    /** more CPU time than the limit and its supervision's period leave, ms */
    overCpu: (used) => Number(used) > contract.compute['cpu-time'].max * 1.05 + 2000,
    overProcesses: (count) => Number(count) > contract.compute.processes.max + 64,
    /** below a folder of files.write; paths are relative to the workspace */
    writable: (path) =>
      contract.files.write.some((pattern) => {
        if (pattern === '**') return true;
        const folder = /^([^*?[\]{}]+)\/\*\*$/.exec(pattern)?.[1];
        // finer patterns are not the kernel's: they are judged when changes land
        return folder === undefined || String(path) === folder || String(path).startsWith(`${folder}/`);
      }),
  };
}
