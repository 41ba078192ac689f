/**
 * Offers a way in: `way-in.ts LOCAL_PORT WAIT_MS PROGRAM ARGUMENTS…`. Listens on the loopback, starts the program that
 * is to lead somebody here (ssh -R), and greets the first visitor. The greeting is all that a visitor gets.
 * Exits 0 when somebody came in; otherwise with what the program said, or 1 after the wait.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [portText = '', waitText = '', program = '', ...programArguments] = process.argv.slice(2);

const server = createServer();
await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(Number(portText), '127.0.0.1', resolve);
});

const child = spawn(program, programArguments, { stdio: ['ignore', 'inherit', 'inherit'] });

function end(code: number, text: string): void {
  console.log(text);
  child.kill();
  process.exit(code);
}

child.on('error', (error) => end(127, error.message));
child.on('exit', (code) => end(code || 1, `${program} ended with ${code}`));
setTimeout(() => end(1, 'nobody came'), Number(waitText));
server.on('connection', (visitor) => {
  visitor.on('error', () => {});
  visitor.on('close', () => end(0, 'somebody came in'));
  visitor.end(`agent ${process.pid} at your service\n`);
  visitor.resume();
});
