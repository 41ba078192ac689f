/**
 * Variables that tell clients which authorities to believe, for those that bring a list of their own.
 *
 * @module
 */
import { INSIDE } from './stores.ts';

/** Each names a file that takes the place of the client's own list. From the clients' documentation. */
const REPLACING = [
  // OpenSSL, Go, Python's ssl, Ruby, uv, rustls-native-certs; Nix's builds of them
  'SSL_CERT_FILE',
  'NIX_SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'HTTPLIB2_CA_CERTS',
  'AWS_CA_BUNDLE',
  'CARGO_HTTP_CAINFO',
  'BUNDLE_SSL_CA_CERT',
  'COMPOSER_CAFILE',
  'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH',
  'CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE',
  'PERL_LWP_SSL_CA_FILE',
] as const;

/** Each names a file that is added to the client's own list: Node with npm and yarn, Bun; Deno. */
const ADDING = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'] as const;

/** Every variable that decides which authorities a client believes. */
export const TRUST_VARIABLES: readonly string[] = [...REPLACING, ...ADDING];

/** The variables for a cell with the run's authority in it. */
export function trustEnvironment(): Record<string, string> {
  return Object.fromEntries([
    ...REPLACING.map((name) => [name, INSIDE.bundle] as const),
    ...ADDING.map((name) => [name, INSIDE.authority] as const),
  ]);
}
