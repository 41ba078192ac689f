/**
 * What a person could type in the cell to see a path: harmless, and with nothing of the operator's in it.
 *
 * @module
 */
import { type Hazard, shellWord } from '../../contract/index.ts';
import type { Fact } from '../logic/index.ts';
import type { Destination, Model } from '../model/index.ts';
import { commandOfRight } from './right.ts';

/** A word for the shell; what does not print is escaped, so that no terminal is driven by it. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u.test(word)) return shellWord(word);
  const bytes = [...Buffer.from(word)];
  const shown = bytes.map((byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${shown.join('')}'`;
}

/** The command of a path, by the facts of its proof. */
export function commandOf(model: Model, hazard: Hazard, facts: readonly Fact[]): string | undefined {
  if (hazard === 'compute-diversion') return 'sha256sum /dev/zero';
  const written = facts.find(([predicate]) => predicate === 'writes')?.[2]?.replace(/^file:/, '');
  const [, , id = ''] = facts.find(([predicate]) => predicate === 'trigger') ?? [];
  const right = commandOfRight(facts);
  if (right !== undefined) return right;
  const attempt = model.attempts.get(id);
  if (attempt !== undefined && attempt.length > 0)
    return `export CANARY=canary MARK=/tmp/mark; ${attempt.join('; ')}`;
  if (written !== undefined) return write(written, hazard);
  const name = facts.find(
    ([predicate, , to]) => predicate === 'reaches' && model.destinations.has(to ?? ''),
  )?.[2];
  const to = model.destinations.get(name ?? '');
  if (to === undefined) return undefined;
  const data = facts.find(([predicate]) => predicate === 'knows')?.[2];
  return send(to, hazard, data);
}

function write(path: string, hazard: Hazard): string {
  const folder = path.split('/').slice(0, -1).join('/');
  const make = folder === '' ? '' : `mkdir -p ${quote(folder)} && `;
  const text = hazard === 'grader-tampering' ? 'what the check looks for\\n' : '#!/bin/sh\\nid\\n';
  const named = path.startsWith('-') ? `./${path}` : path;
  return `${make}printf '${text}' > ${quote(named)}`;
}

function send(
  { host, port, protocol, sends, asks, path }: Destination,
  hazard: Hazard,
  data: string | undefined,
): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  if (protocol === 'ssh')
    return hazard === 'remote-control'
      ? `ssh -p ${port} -N -R 8022:127.0.0.1:22 ${quote(host)}`
      : `${readsData(data)} | ssh -p ${port} ${quote(host)} 'cat > copy'`;
  const standard = { https: 443, http: 80 }[protocol];
  if (standard === undefined)
    return protocol === 'websocket' || protocol === 'tls'
      ? `${readsData(data)} | openssl s_client -quiet -connect ${quote(`${shown}:${port}`)}`
      : `${readsData(data)} > /dev/${protocol === 'udp' ? 'udp' : 'tcp'}/${quote(host)}/${port}`;
  const address = `${protocol}://${shown}${port === standard ? '' : `:${port}`}${path.startsWith('/') ? path : `/${path}`}`;
  const ask = `curl -s${asks === undefined ? '' : asks === 'HEAD' ? 'I' : ` -X ${asks}`}`;
  if (hazard === 'remote-control') return `while sleep 60; do ${ask} ${quote(address)}; done`;
  if (sends !== undefined)
    return `${readsData(data)} | curl -s${sends === 'POST' ? '' : ` -X ${sends}`} --data-binary @- ${quote(address)}`;
  return `${ask} -G --data-urlencode "q=$(${readsData(data)} | tr -d '\\0' | head -c 1000)" ${quote(address)}`;
}

/** Shell words that print what is known: `data:workspace`, `env:NAME`, `file:PATH`. */
export function readsData(data: string | undefined): string {
  if (data?.startsWith('env:')) return `printenv ${quote(data.slice(4))}`;
  if (data?.startsWith('file:')) {
    const path = data.slice(5);
    return path.startsWith('~/') ? `tar -c "$HOME"/${quote(path.slice(2))}` : `tar -c ${quote(path)}`;
  }
  return 'tar -c .';
}
