// An MCP client made with the official SDK, for the inside of a cell: does the steps of its argument, prints what came.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, ...steps] = JSON.parse(process.argv[2]);
const client = new Client({ name: 'test', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(process.env[`RINGFENCE_MCP_${server}`])));
for (const step of steps) {
  try {
    if (step === 'list') {
      const { tools } = await client.listTools();
      console.log(JSON.stringify({ tools: tools.map(({ name }) => name) }));
    } else {
      const [name, args] = step;
      const progress = [];
      const started = performance.now();
      const result = await client.callTool({ name, arguments: args }, undefined, {
        onprogress: (told) => progress.push(told.progress),
      });
      const ms = Math.round(performance.now() - started);
      console.log(
        JSON.stringify({ text: result.content[0]?.text, isError: result.isError ?? false, progress, ms }),
      );
    }
  } catch (error) {
    console.log(JSON.stringify({ error: error.message, code: error.code }));
  }
}
await client.close();
