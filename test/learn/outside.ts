/**
 * The outside that `learn --network` meets in its test, in a network namespace made for it: a resolver that knows two names
 * of one public address and one of a private address, and a web server there. Writes `ready` when it serves.
 *
 * usage: node outside.ts FOLDER
 *
 * @module
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import dnsPacket from 'dns-packet';

/** A documentation address (RFC 5737): public as far as Ringfence is concerned. */
const PUBLIC = '198.51.100.10';
const NAMES: Record<string, string> = {
  'web.example.com': PUBLIC,
  'same.example.com': PUBLIC,
  'inside.example.com': '10.0.0.7',
};

const [folder = '.'] = process.argv.slice(2);
const resolver = createSocket('udp4');
resolver.on('message', (bytes, peer) => {
  const { id = 0, questions = [] } = dnsPacket.decode(bytes);
  const [question] = questions;
  const data = NAMES[question?.name.toLowerCase() ?? ''];
  const answers: dnsPacket.Answer[] =
    question?.type === 'A' && data ? [{ type: 'A', name: question.name, data, ttl: 60 }] : [];
  const flags = dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | (data ? 0 : 3);
  resolver.send(
    dnsPacket.encode({ type: 'response', id, flags, questions, answers }),
    peer.port,
    peer.address,
  );
});
resolver.bind(53, '127.0.0.1');
await once(resolver, 'listening');
const web = createServer((request, response) => {
  appendFileSync(join(folder, 'asked'), `${request.headers.host}\n`);
  response.end('reached\n');
});
web.listen(80, PUBLIC);
await once(web, 'listening');
writeFileSync(join(folder, 'ready'), '');
