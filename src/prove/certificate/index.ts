/**
 * Certificates that nothing bad follows, and their checker.
 *
 * @module
 */

export {
  type Certificate,
  certificateFile,
  digestOf,
  type Made,
  makeCertificate,
  type Verified,
  verifyCertificate,
  worldFile,
} from './certificate.ts';
