/**
 * Variables that tell a client which certificate authorities to believe, from the clients' documentation.
 *
 * @module
 */

/** Each names a file that takes the place of the client's own list. */
export const REPLACING_TRUST = [
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
export const ADDING_TRUST = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'] as const;

/** All of them. */
export const TRUST_VARIABLES: readonly string[] = [...REPLACING_TRUST, ...ADDING_TRUST];
