// Sends each attempt of a file on a connection of its own and writes what came back, as JSON.
const { connect } = require('node:net');
const { readFileSync } = require('node:fs');

const attempts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const WAIT = Number(process.argv[3] || 4000);

function send({ name, host, port, pieces }) {
  return new Promise((resolve) => {
    const received = [];
    let error;
    const socket = connect(port || 80, host || 'npm.packages.internal', async () => {
      for (const piece of pieces) {
        socket.write(Buffer.from(piece, 'latin1'));
        await new Promise((next) => setTimeout(next, pieces.length > 1 ? 50 : 0));
      }
    });
    socket.on('data', (data) => received.push(data));
    socket.on('error', (failure) => {
      error = failure.code;
    });
    socket.setTimeout(WAIT, () => socket.destroy());
    socket.on('close', () => resolve({ name, text: Buffer.concat(received).toString('latin1'), error }));
  });
}

(async () => {
  const results = [];
  for (let at = 0; at < attempts.length; at += 8)
    results.push(...(await Promise.all(attempts.slice(at, at + 8).map(send))));
  console.log(JSON.stringify(results));
})();
