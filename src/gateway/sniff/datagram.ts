/**
 * What a flow's first datagram is. `udp` allows any; the name is for the record.
 *
 * @module
 */
import { readQuery } from '../dns/wire.ts';

/** `dns`, `quic`, `wireguard`, `openvpn`, `stun`, `bittorrent-dht`, `ntp` or `unknown`. */
export function recogniseDatagram(bytes: Uint8Array): string {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes;
  const zeros = second === 0 && third === 0 && fourth === 0;
  if (zeros && ((first === 1 && bytes.length === 148) || (first === 2 && bytes.length === 92)))
    return 'wireguard';
  if ((first & 0xc0) === 0xc0 && bytes.length >= 1200) return 'quic';
  if (bytes.length >= 20 && Buffer.from(bytes.subarray(4, 8)).readUInt32BE() === 0x2112a442) return 'stun';
  if (Buffer.from(bytes.subarray(0, 12)).toString('latin1') === 'd1:ad2:id20:') return 'bittorrent-dht';
  if (readQuery(bytes).ok) return 'dns';
  if (bytes.length === 48 && (first & 0x07) === 3) return 'ntp';
  if ((first === 0x38 || first === 0x50) && bytes.length >= 14) return 'openvpn';
  return 'unknown';
}
