/**
 * The run's certificate authority, and its places in the trust stores of a cell. Only runs whose contract lets the
 * gateway look into TLS have one.
 *
 * @module
 */
export { type Authority, type AuthorityInput, makeAuthority } from './authority.ts';
export { certificatesOf, machineAuthorities, type ReadAuthorities, readAuthorities } from './bundle.ts';
export { trustEnvironment } from './environment.ts';
export { javaTrustStore } from './java.ts';
export { type TrustedView, type TrustFiles, trustedView } from './stores.ts';
