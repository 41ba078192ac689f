/**
 * What is said of a flow by its shape or by the protocol that was recognised in it.
 *
 * @module
 */
import type { RuleInfo } from '../detector.ts';

const rule = (
  id: string,
  level: RuleInfo['level'],
  title: string,
  techniques: readonly string[],
  limit: string,
  /** the rules about commands that do it */
  effectOf: readonly string[] = [],
): RuleInfo => ({
  id,
  title,
  hazard: id.slice(0, id.indexOf('.')) as RuleInfo['hazard'],
  level,
  techniques,
  limit,
  ...(effectOf.length > 0 && { effectOf }),
});

/** Rules by name; ids are `hazard.name`. */
export const FLOW_RULES = {
  reverseSsh: rule(
    'remote-control.reverse-ssh',
    'critical',
    'SSH connection through which the outside comes in',
    ['T1572', 'T1021.004'],
    'A client that pads its messages at random hides the length of a confirmation, and one that compresses them hides it beside a session. There the request to listen must have been seen; with AES a channel counts once it was closed and another came.',
    ['remote-control.reverse-tunnel', 'remote-control.tunnel-tool'],
  ),
  reverseSshSuspected: rule(
    'remote-control.reverse-ssh-suspected',
    'medium',
    'SSH connection in which the server seems to open a channel',
    ['T1572'],
    'With AES, a program whose lines were acknowledged with a letter or two, and that then answers a prompt in a few letters, looks the same.',
    ['remote-control.reverse-tunnel', 'remote-control.tunnel-tool'],
  ),
  sshUnreadable: rule(
    'remote-control.ssh-unreadable',
    'medium',
    'SSH connection of which nothing can be told',
    ['T1572', 'T1573'],
    'Algorithms that are not known here, or a change of them under way; a client that changes to others of readable lengths is not noticed.',
  ),
  shell: rule(
    'remote-control.shell',
    'critical',
    'Shell whose commands come from outside',
    ['T1059.004', 'T1571'],
    'Sees what is in the clear; commands outside a list count only with a prompt, an error or an echo.',
    ['remote-control.shell-on-connection'],
  ),
  driven: rule(
    'remote-control.driven-flow',
    'high',
    'Connection in which the outside gives orders and the inside answers',
    ['T1573', 'T1571'],
    'Needs several orders with pauses between them; an honest worker that is sent jobs over TLS without ALPN looks the same.',
    ['remote-control.shell-on-connection', 'remote-control.tunnel-tool'],
  ),
  reverseTunnel: rule(
    'remote-control.client-outside',
    'critical',
    'The outside is the client of a connection that was made from inside',
    ['T1572', 'T1090'],
    'Only where the outside speaks first, in the clear, a protocol that is known by its first bytes.',
    ['remote-control.reverse-tunnel', 'remote-control.tunnel-tool'],
  ),
  proxy: rule(
    'exfiltration.proxy',
    'high',
    'Proxy protocol towards the outside: what lies behind it is beyond the contract',
    ['T1090'],
    'SOCKS and CONNECT by their first bytes; a proxy inside TLS that is not terminated is not seen.',
  ),
  sshForward: rule(
    'exfiltration.ssh-forward',
    'high',
    'SSH connection that is used to reach other hosts (-L, -D, -W, -J)',
    ['T1572', 'T1090'],
    'Seen where forwarding is the first channel; beside a session of the same connection it is not.',
  ),
  webSocket: rule(
    'exfiltration.websocket-tunnel',
    'high',
    'Another protocol inside WebSocket messages',
    ['T1572', 'T1071.001'],
    'By the first bytes inside, unencrypted or where TLS is terminated; a tunnel with a framing of its own is not seen.',
  ),
  dnsTunnel: rule(
    'exfiltration.dns-tunnel',
    'critical',
    'Data in DNS names or answers',
    ['T1071.004', 'T1048.003', 'T1572'],
    'Less than forty new names a minute below one base stay below it; the limits on names in a contract bound what that carries.',
    ['remote-control.covert-tunnel'],
  ),
  dnsTunnelTried: rule(
    'exfiltration.dns-tunnel-attempt',
    'high',
    'Ever new DNS names below a base that no rule names',
    ['T1071.004'],
    'They were all denied; a program that looks for many hosts of one domain looks the same.',
    ['remote-control.covert-tunnel'],
  ),
  vpn: rule(
    'exfiltration.vpn',
    'critical',
    'VPN out of the cell',
    ['T1572'],
    'WireGuard and OpenVPN by their handshakes; obfuscated ones are not recognised.',
  ),
  stratum: rule(
    'compute-diversion.stratum',
    'critical',
    'Connection to a mining pool',
    ['T1496'],
    'Stratum in the clear, in WebSocket or in TLS that is terminated, and version 2 by its handshake.',
    ['compute-diversion.miner'],
  ),
  stratumShaped: rule(
    'compute-diversion.stratum-shaped',
    'high',
    'Connection that behaves as to a mining pool',
    ['T1496'],
    'Needs six shares; a pool that pads its messages, or a client that sends one share in an hour, is not seen for long.',
    ['compute-diversion.miner'],
  ),
} as const satisfies Record<string, RuleInfo>;
