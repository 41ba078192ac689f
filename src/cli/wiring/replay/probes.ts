/**
 * Shell lines that speak a protocol as a contract declares it, to a host of the contract: for protocols whose usual clients
 * want more of the other side than a stand-in is.
 *
 * @module
 */
import type { Destination } from '../../../prove/model/index.ts';
import { quote } from '../../../prove/report/index.ts';

/** What is in force before every line: no certificate of a stand-in is known inside, and nobody waits. */
export const PRELUDE = [
  'curl() { command curl -k -S --max-time 10 "$@"; }',
  'sleep() { turns=$((turns + 1)); [ "$turns" -le 2 ]; }',
];

/** Lines that send what `data` prints and print what is answered; `undefined` where the report's own command does. */
export function probe(to: Destination, data: string): string[] | undefined {
  const { host, port, protocol } = to;
  const open = `exec 3<>/dev/tcp/${quote(host)}/${port}`;
  const some = `data=$(${data} | tr -d '\\0' | tail -c 100)`;
  switch (protocol) {
    case 'ssh':
      return [
        some,
        open,
        "printf 'SSH-2.0-replay\\r\\n' >&3",
        'read -r -t 5 line <&3',
        `printf '%s' "$data" >&3`,
        'timeout 1 cat <&3',
      ];
    case 'postgres':
      return [
        `data=$(${data} | tr -cd 'a-zA-Z0-9' | tail -c 80)`,
        open,
        `printf "\\\\0\\\\0\\\\0\\\\$(printf %o $((15 + \${#data})))\\\\0\\\\3\\\\0\\\\0user\\\\0%s\\\\0\\\\0" "$data" >&3`,
        "timeout 1 cat <&3 | tr -d '\\0'",
      ];
    case 'websocket':
      return [`data=$(${data} | tr -cd 'a-zA-Z0-9' | tail -c 80)`, ...webSocket(to, open)];
    case 'tls':
      return [
        `(${data}; command sleep 1) | timeout 5 openssl s_client -quiet -connect ${quote(`${bracketed(host)}:${port}`)}`,
      ];
    case 'tcp':
      return [open, `${data} >&3`, 'timeout 1 cat <&3'];
    case 'udp':
      return [
        `exec 3<>/dev/udp/${quote(host)}/${port}`,
        some,
        `printf '%s' "$data" >&3`,
        'timeout 1 dd bs=4096 count=1 <&3 2>/dev/null',
      ];
    default:
      return undefined;
  }
}

/** RFC 6455: the opening handshake, then one masked text frame, whose mask is zero. */
function webSocket({ host, port, path }: Destination, open: string): string[] {
  const target = path.startsWith('/') ? path : `/${path}`;
  const head = `printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: cmVwbGF5cmVwbGF5cmVwbA==\\r\\n\\r\\n' ${quote(target)} ${quote(bracketed(host))}`;
  const frame = `printf "\\\\201\\\\$(printf %o $((128 + \${#data})))\\\\0\\\\0\\\\0\\\\0%s" "$data"`;
  if (port === 443)
    return [
      `(${head}; command sleep 0.5; ${frame}; command sleep 1) | timeout 5 openssl s_client -quiet -connect ${quote(`${bracketed(host)}:${port}`)}`,
    ];
  return [open, `${head} >&3`, 'command sleep 0.3', `${frame} >&3`, 'timeout 1 cat <&3'];
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
