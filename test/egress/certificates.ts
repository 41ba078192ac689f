/**
 * A certificate authority for one test run, and a certificate of it, made by openssl(1): clients that are strict about
 * chains (pip, npm, git) must be content with them.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  /** path of the authority's certificate, PEM */
  authority: string;
  key: string;
  cert: string;
}

const openssl = (...words: string[]) =>
  execFileSync('openssl', words, { stdio: ['ignore', 'ignore', 'pipe'] });
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

/** Makes both in `folder`; the certificate is good for every name given. */
export function makeCertificates(folder: string, names: readonly string[]): Certificates {
  const path = (name: string) => join(folder, name);
  openssl(
    'req',
    '-x509',
    ...CURVE,
    '-keyout',
    path('ca.key'),
    '-out',
    path('ca.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
  );
  openssl('req', ...CURVE, '-keyout', path('leaf.key'), '-out', path('leaf.csr'), '-subj', `/CN=${names[0]}`);
  const alternative = names.map((name) => `DNS:${name}`).join(',');
  writeFileSync(path('leaf.ext'), `subjectAltName=${alternative}\nbasicConstraints=CA:FALSE\n`);
  openssl(
    'x509',
    '-req',
    '-in',
    path('leaf.csr'),
    '-CA',
    path('ca.pem'),
    '-CAkey',
    path('ca.key'),
    '-CAcreateserial',
    '-out',
    path('leaf.pem'),
    '-days',
    '2',
    '-extfile',
    path('leaf.ext'),
  );
  return {
    authority: path('ca.pem'),
    key: readFileSync(path('leaf.key'), 'utf8'),
    cert: readFileSync(path('leaf.pem'), 'utf8'),
  };
}
