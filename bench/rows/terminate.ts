/**
 * HTTPS through a gateway that looks inside, against HTTPS straight to the server: bytes, and single requests.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Line } from '../line.ts';
import { UnmeasuredError } from '../programs.ts';
import { inTurns, pairedDifference, pairedRatio, summarize } from '../statistics.ts';
import { HOST, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const MEGABYTES = 256;

interface Sample {
  rate: number;
  each: number;
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const program = join(workshop.workspace, 'https.mts');
  copyFileSync(join(import.meta.dirname, '..', 'https.mts'), program);
  const key = join(workshop.folder('keys'), 'key.pem');
  const certificate = join(workshop.workspace, 'server.pem');
  const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await workshop.run(['openssl', 'req', '-x509', ...curve, '-keyout', key, '-out', certificate, ...subject]);

  const server = spawn(process.execPath, [program, 'serve', certificate, key, String(MEGABYTES)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  try {
    const [line] = (await Promise.race([once(server.stdout, 'data'), once(server, 'exit')])) as [
      Buffer | number,
    ];
    const port = Number(line.toString());
    if (!Buffer.isBuffer(line) || !(port > 0)) throw new UnmeasuredError('the HTTPS server did not start');
    const rule = `network:\n  - { host: ${HOST}, port: ${port}, methods: [GET], paths: [/v1/**], ca: server.pem }\nresolve: { ${HOST}: [127.0.0.1] }\n`;
    const contract = workshop.contract('terminate', [], rule);
    const sample = (words: readonly string[]) => async (): Promise<Sample> => {
      const [rate, bytes, each] = (await workshop.run(words)).trim().split(' ').map(Number);
      if (rate === undefined || each === undefined || bytes !== MEGABYTES * 2 ** 20)
        throw new UnmeasuredError(`only ${bytes} bytes arrived`);
      return { rate, each };
    };
    const fetch = (host: string, ...more: string[]) => [
      process.execPath,
      program,
      'fetch',
      host,
      String(port),
      HOST,
      ...more,
    ];
    const values = await inTurns(
      {
        through: sample(workshop.ringfence(contract, fetch(HOST))),
        direct: sample(fetch('127.0.0.1', certificate)),
      },
      Math.max(3, Math.ceil(workshop.rounds / 2)),
    );
    const of = (name: 'through' | 'direct', what: keyof Sample) => values[name].map((value) => value[what]);
    return [
      {
        what: 'HTTPS looked into: download',
        goal: { of: 'ratio', is: 'at least', bound: 0.4 },
        ours: { name: 'through', unit: 'MB/s', value: summarize(of('through', 'rate')) },
        peer: { name: 'direct', unit: 'MB/s', value: summarize(of('direct', 'rate')) },
        compared: pairedRatio(of('through', 'rate'), of('direct', 'rate')),
        note: `${MEGABYTES} MiB over the loopback; client, gateway and server share this machine's processors`,
      },
      {
        what: 'HTTPS looked into: one request',
        goal: { of: 'added', is: 'at most', bound: 1 },
        ours: { name: 'through', unit: 'ms', value: summarize(of('through', 'each')) },
        peer: { name: 'direct', unit: 'ms', value: summarize(of('direct', 'each')) },
        compared: pairedDifference(of('through', 'each'), of('direct', 'each')),
        note: 'on a connection that is there already, one request after the other, each with its event',
      },
    ];
  } finally {
    server.kill();
  }
}

export const terminate: Row = { id: 'terminate', measures: 'rules that look inside TLS', run: measure };
