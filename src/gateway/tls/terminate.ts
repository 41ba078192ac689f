/**
 * Ends the agent's TLS at the gateway and begins another one to the server. The server's certificate is checked first:
 * only then is the agent's handshake answered, with a certificate of the run's own authority for the same name.
 *
 * @module
 */
import type { Socket } from 'node:net';
import { checkServerIdentity, connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { GatewayConfig } from '../../contract/index.ts';
import type { Candidate } from '../policy/pins.ts';
import { CertificateAuthority } from './authority.ts';

/** HTTP/2 is not spoken: clients that can fall back do so by ALPN. */
const ALPN = ['http/1.1'];

/** A fatal alert `internal_error` (RFC 8446 §6), in the clear as an answer to a ClientHello. */
const REFUSED = Buffer.of(21, 3, 3, 0, 2, 2, 80);

/** `side`: whose fault it is. `reject`: the client refused the certificate that the gateway showed it. */
export type Terminated =
  | { ok: true; agent: TLSSocket; server: TLSSocket }
  | { ok: false; side: 'server' | 'agent' | 'gateway'; why: string; rejected?: true };

const REASONS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'of an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'of an authority that is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'for another name',
};

/** Alerts with which clients say that they do not trust a certificate (RFC 8446 §6.2). */
const REJECTED =
  /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED)/;

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message;

export class Terminator {
  readonly #authority: CertificateAuthority;
  readonly #trusted: NonNullable<GatewayConfig['trusted']>;
  readonly #contexts = new Map<number | 'machine', SecureContext>();

  /** Throws where the authority cannot be used. */
  constructor({ authority, trusted }: Pick<GatewayConfig, 'authority' | 'trusted'>) {
    if (!authority) throw new Error('rules look inside TLS, but the run has no certificate authority');
    this.#authority = new CertificateAuthority(authority);
    this.#trusted = trusted ?? { machine: '', rules: {} };
  }

  /**
   * Takes over two sockets that are paused and belong to nobody else. `hello`: what the agent has sent. On failure the
   * agent's side has been told, as far as TLS has words for it; both sockets are still to be closed.
   */
  async open(
    sockets: { agent: Socket; server: Socket },
    { candidate, hello, alpn }: { candidate: Candidate; hello: Buffer; alpn: readonly string[] },
    timeoutMs: number,
  ): Promise<Terminated> {
    const upstream = await this.#connect(sockets.server, candidate, timeoutMs);
    if (!upstream.ok) {
      if (!sockets.agent.destroyed) sockets.agent.end(REFUSED);
      return upstream;
    }
    if (sockets.agent.destroyed) return { ok: false, side: 'agent', why: 'gone' };
    const downstream = await this.#serve(sockets.agent, candidate.name, hello, timeoutMs);
    if (downstream.ok) return { ok: true, agent: downstream.socket, server: upstream.socket };
    const onlyOthers = alpn.length > 0 && !alpn.includes('http/1.1');
    return onlyOthers
      ? { ...downstream, why: `the client speaks ${alpn.join(', ').slice(0, 100)} only` }
      : downstream;
  }

  #connect(socket: Socket, { name, literal, match }: Candidate, timeoutMs: number): Promise<Opened> {
    const tls = connect({
      socket,
      ...(literal ? {} : { servername: name }),
      secureContext: this.#contextOf(match.index),
      ALPNProtocols: ALPN,
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    });
    return opened(tls, 'secureConnect', timeoutMs, (error) => {
      const code = codeOf(error);
      const reason = REASONS[code];
      const why =
        reason === undefined && !/CERT|SIGNATURE|ISSUER|CRL/.test(code)
          ? `TLS with ${name} failed: ${code}`
          : `certificate of ${name} is not valid: ${reason ?? code}`;
      return { ok: false, side: 'server', why };
    });
  }

  #contextOf(rule: number): SecureContext {
    const own = this.#trusted.rules[rule];
    const key = own === undefined ? 'machine' : rule;
    let context = this.#contexts.get(key);
    if (!context) {
      const pem = own ?? this.#trusted.machine;
      // an empty list is nobody; without one Node would trust its own
      context = createSecureContext({ ca: pem === '' ? [] : pem, minVersion: 'TLSv1.2' });
      this.#contexts.set(key, context);
    }
    return context;
  }

  #serve(socket: Socket, name: string, hello: Buffer, timeoutMs: number): Promise<Opened> {
    socket.unshift(hello);
    const tls = new TLSSocket(socket, {
      isServer: true,
      secureContext: this.#authority.contextFor(name),
      ALPNProtocols: ALPN,
    });
    tls.disableRenegotiation();
    return opened(tls, 'secure', timeoutMs, (error) => {
      const code = codeOf(error);
      const ended = ['ECONNRESET', 'EPIPE', 'ended'].includes(code);
      const rejected = REJECTED.test(code) || ended ? { rejected: true as const } : {};
      return { ok: false, side: 'agent', why: `handshake failed: ${code}`, ...rejected };
    });
  }
}

type Failure = Extract<Terminated, { ok: false }>;
type Opened = { ok: true; socket: TLSSocket } | Failure;

/** Waits for a handshake, its failure or its end. */
function opened(
  tls: TLSSocket,
  event: 'secure' | 'secureConnect',
  timeoutMs: number,
  explain: (error: Error) => Failure,
): Promise<Opened> {
  return new Promise((resolve) => {
    const finish = (result: Opened) => {
      clearTimeout(timer);
      tls.off(event, done);
      tls.off('end', ended);
      tls.off('close', ended);
      resolve(result);
    };
    const done = () => finish({ ok: true, socket: tls });
    const ended = () => finish(explain(new Error('ended')));
    const timer = setTimeout(() => finish(explain(new Error('no handshake in time'))), timeoutMs);
    tls.once(event, done);
    tls.once('end', ended);
    tls.once('close', ended);
    // stays: an error later is followed by 'close', which the flow sees
    tls.on('error', (error: Error) => finish(explain(error)));
  });
}
