/**
 * The addresses of the scratch host: all on the loopback device of a network namespace made for the matrix.
 *
 * @module
 */

/** Each has a sink that writes down what it receives. */
export const ADDRESSES = {
  loopback: { address: '127.0.0.1', port: 7001 },
  loopback6: { address: '::1', port: 7001 },
  metadata: { address: '169.254.169.254', port: 80 },
  private: { address: '10.99.0.7', port: 7001 },
  public: { address: '198.51.100.7', port: 7001 },
  public6: { address: '2001:db8::7', port: 7001 },
  /** declared as `tcp` by the online contract */
  declared: { address: '198.51.100.10', port: 7443 },
  /** the declared port on an address nobody declared */
  publicDeclaredPort: { address: '198.51.100.7', port: 7443 },
  undeclaredPort: { address: '198.51.100.10', port: 7444 },
  /** declared as `https` */
  tls: { address: '198.51.100.11', port: 443 },
  /** where a declared name leads whose answer is the host's own loopback */
  rebind: { address: '127.0.0.1', port: 7500 },
  dns: { address: '127.0.0.1', port: 53 },
  foreignDns: { address: '198.51.100.7', port: 53 },
  barrier: { address: '127.0.0.1', port: 7999 },
} as const;

/** Addresses beyond 127.0.0.1 and ::1 that the namespace's loopback device is given. */
export const LOOPBACK_ADDRESSES = [
  '169.254.169.254',
  '10.99.0.7',
  '198.51.100.7',
  '198.51.100.10',
  '198.51.100.11',
  '2001:db8::7',
];

/** What the sink process is told to open; `=` separates, since addresses hold colons. */
export function sinkSpecs(root: string): string[] {
  const tcp = [
    'loopback',
    'loopback6',
    'metadata',
    'private',
    'public',
    'public6',
    'declared',
    'undeclaredPort',
    'publicDeclaredPort',
    'tls',
    'rebind',
    'barrier',
  ] as const;
  const spec = (kind: string, { address, port }: { address: string; port: number }) =>
    `${kind}=${address}=${port}`;
  return [
    ...tcp.map((name) => spec('tcp', ADDRESSES[name])),
    ...(['loopback', 'public', 'public6'] as const).map((name) => spec('udp', ADDRESSES[name])),
    spec('dns', ADDRESSES.dns),
    spec('dns', ADDRESSES.foreignDns),
    spec('tcp', ADDRESSES.dns),
    `unix=${root}/outside/host.sock`,
    `unix=${root}/home/.agent.sock`,
    `unix=${root}/home/project/host.sock`,
    `unix=${root}/outside/readable/host.sock`,
    `unixdgram=${root}/outside/readable/dgram.sock`,
    `unixdgram=${root}/home/project/dgram.sock`,
    'unix=@rf-matrix',
    'unixdgram=@rf-matrix-dgram',
    `give=${root}/home/project/give.sock=${root}/outside/secret.txt`,
    `give=@rf-matrix-give=${root}/outside/secret.txt`,
  ];
}
