/**
 * The gateway: the only way out of a cell. `main.ts` is its process; this door is for those who wire it, judge with
 * its policy, or read its captures.
 *
 * @module
 */
export { Gateway, type GatewayHandle } from './gateway.ts';
export { type AddressClass, classify, parseAddress } from './policy/addresses.ts';
export { matchesName, normaliseName } from './policy/names.ts';
export { Policy } from './policy/policy.ts';
export { readClientHello } from './sniff/client-hello.ts';
export { type Direction, recognise, Sniffer } from './sniff/sniffer.ts';
