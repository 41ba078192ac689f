/**
 * Bytes through the gateway against bytes straight from the server, after the verdict.
 *
 * @module
 */
import type { Line } from '../line.ts';
import { UnmeasuredError } from '../programs.ts';
import { startServer } from '../server.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import { HOST, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const MEGABYTES = 256;

const WAYS = [
  { mode: 'raw', protocol: 'tcp', what: 'download through the gateway, bytes pass', bound: 0.5 },
  { mode: 'http', protocol: 'http', what: 'download through the gateway, HTTP parsed', bound: 0.25 },
] as const;

async function measure(workshop: Workshop): Promise<Line[]> {
  const lines: Line[] = [];
  for (const { mode, protocol, what, bound } of WAYS) {
    await using server = await startServer(workshop, mode, MEGABYTES);
    const contract = workshop.contract(`download-${mode}`, [{ port: server.port, protocol }]);
    const fetch = (host: string) => [workshop.tool('fetch'), host, String(server.port), mode];
    const speed = (words: readonly string[]) => async () => {
      const [rate, bytes] = (await workshop.run(words)).trim().split(' ').map(Number);
      if (rate === undefined || bytes === undefined || bytes < (MEGABYTES - 2) * 2 ** 20)
        throw new UnmeasuredError(`only ${bytes} bytes arrived`);
      return rate;
    };
    const values = await inTurns(
      { through: speed(workshop.ringfence(contract, fetch(HOST))), direct: speed(fetch('127.0.0.1')) },
      Math.max(3, Math.ceil(workshop.rounds / 2)),
    );
    lines.push({
      what,
      goal: { of: 'ratio', is: 'at least', bound },
      ours: { name: 'through', unit: 'MB/s', value: summarize(values.through) },
      peer: { name: 'direct', unit: 'MB/s', value: summarize(values.direct) },
      compared: pairedRatio(values.through, values.direct),
      note: `${MEGABYTES} MiB over the loopback; client, gateway and server share this machine's processors`,
    });
  }
  return lines;
}

export const download: Row = { id: 'download', measures: 'throughput of the gateway', run: measure };
