// Sends what an agent would try, byte for byte, and prints the beginning of each answer as JSON.

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const attempts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const answers = [];
for (const { host = 'anthropic.models.internal', text, repeat = 0 } of attempts)
  answers.push(
    await new Promise((resolve) => {
      let got = '';
      const socket = connect(8080, host);
      socket.on('data', (data) => (got += data.toString('latin1')));
      socket.on('error', () => {});
      socket.on('close', () => resolve(got));
      socket.setTimeout(5000, () => socket.destroy());
      socket.write(Buffer.from(text, 'latin1'));
      if (repeat > 0) {
        let left = repeat;
        const more = () => {
          while (left > 0 && !socket.destroyed) {
            left -= 1;
            if (!socket.write(Buffer.alloc(1024 * 1024, 0x20))) return socket.once('drain', more);
          }
        };
        more();
      }
    }),
  );
console.log(JSON.stringify({ answers: answers.map((answer) => answer.slice(0, 600)) }));
