// Calls tools by bare JSON-RPC, all of a round at once, and prints for each which answers came and how long each took.
import { readFileSync } from 'node:fs';

// a run that is to end gives time to end by oneself
process.on('SIGTERM', () => {});
const { rounds, attempts } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const sessions = new Map();
const headers = { 'content-type': 'application/json', accept: 'application/json' };

async function post(server, message) {
  const url = process.env[`RINGFENCE_MCP_${server.toUpperCase()}`];
  const session = sessions.get(server);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...(session && { 'mcp-session-id': session }) },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
  return { answer, text: await answer.text() };
}

async function begin(server) {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  const { answer } = await post(server, { id: 0, method: 'initialize', params });
  sessions.set(server, answer.headers.get('mcp-session-id'));
  await post(server, { method: 'notifications/initialized' });
}

const seen = Object.fromEntries(attempts.map(({ what }) => [what, { answers: [], ms: [] }]));
for (const { server } of attempts) if (!sessions.has(server)) await begin(server);
let id = 0;
for (let round = 0; round < rounds; round += 1)
  await Promise.all(
    attempts.map(async ({ what, server, name, args }) => {
      id += 1;
      const own = id;
      const begun = performance.now();
      const { answer, text } = await post(server, {
        id: own,
        method: 'tools/call',
        params: { name, arguments: args },
      });
      const ms = performance.now() - begun;
      const fields = [...answer.headers].filter(([field]) => field !== 'date');
      const told = JSON.stringify([answer.status, fields, text.replace(`"id":${own}`, '"id":0')]);
      const { answers, ms: times } = seen[what];
      // lengths differ with the digits of an id
      const got = told.replace(/\["content-length","\d+"\]/, '');
      if (!answers.includes(got)) answers.push(got);
      times.push(Math.round(ms * 100) / 100);
    }),
  );
console.log(JSON.stringify(seen));
