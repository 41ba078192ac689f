// Remote forwarding by the npm library ssh2: HOST PORT REMOTE-PORT LOCAL-PORT CIPHER
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';

const { Client } = createRequire(`${process.cwd()}/x.js`)('ssh2');
const [host, port, remote, local, cipher] = process.argv.slice(2);
const client = new Client();
client.on('ready', () =>
  client.forwardIn('127.0.0.1', Number(remote), (error) => console.log(error ? String(error) : 'forwarding')),
);
client.on('tcp connection', (_, accept) => {
  const stream = accept();
  const target = connect(Number(local), '127.0.0.1');
  stream.pipe(target).pipe(stream);
  target.on('error', () => {});
});
client.on('error', (error) => console.log(String(error)));
client.connect({
  host,
  port: Number(port),
  username: 'root',
  privateKey: readFileSync('client'),
  ...(cipher ? { algorithms: { cipher: [cipher] } } : {}),
});
