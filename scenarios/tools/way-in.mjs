// Offers a way in: way-in.mjs PORT WAIT_MS PROGRAM ARGUMENT…: listens on loopback, starts what is to lead somebody here, and
// greets the first visitor. The greeting is all that a visitor gets.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [port, wait, program, ...words] = process.argv.slice(2);
const server = createServer();
await new Promise((done) => server.listen(Number(port), '127.0.0.1', done));
const child = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'] });
const end = (code, text) => {
  console.log(text);
  child.kill();
  process.exit(code);
};
child.on('error', ({ message }) => end(127, message));
child.on('exit', (code) => end(code || 1, `${program} ended with ${code}`));
setTimeout(() => end(1, 'nobody came'), Number(wait));
server.on('connection', (visitor) => {
  visitor.on('error', () => {});
  visitor.on('close', () => end(0, 'somebody came in'));
  visitor.end('at your service\n');
  visitor.resume();
});
