// Asks the same things again and again, and prints for each which answers came and how long each took.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

// a run that is to end gives time to end by oneself
process.on('SIGTERM', () => {});
const { port, host, rounds, late, attempts } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

/** One request on a connection of its own, to its end. `late`: its end is sent after others were answered. */
const ask = (text, late) =>
  new Promise((resolve) => {
    const begun = performance.now();
    let got = '';
    const socket = connect(port, host, async () => {
      socket.write(Buffer.from(text, 'latin1'));
      if (!late) return;
      for (let other = 0; other < 5; other += 1) await ask(late.first);
      got += got === '' ? 'after its end: ' : 'before its end: ';
      socket.write(late.end);
    });
    socket.on('data', (data) => (got += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () =>
      resolve({ got: got.replace(/^date: .*\r\n/im, ''), ms: performance.now() - begun }),
    );
  });

const seen = Object.fromEntries(attempts.map(({ what }) => [what, { answers: [], ms: [] }]));
for (let round = 0; round < rounds; round += 1)
  await Promise.all(
    attempts.map(async ({ what, text }) => {
      const { got, ms } = await ask(text, late);
      if (!seen[what].answers.includes(got)) seen[what].answers.push(got);
      seen[what].ms.push(Math.round(ms * 100) / 100);
    }),
  );
console.log(JSON.stringify(seen));
