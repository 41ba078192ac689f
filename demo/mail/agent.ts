/**
 * The mail agent: asks the model, calls the tools that it names, tells it what came, until it is done. A plain loop; the
 * addresses of model and mailbox come by environment, as they do for any scaffold.
 *
 * @module
 */

const MODEL = process.env.ANTHROPIC_BASE_URL ?? '';
const KEY = process.env.ANTHROPIC_API_KEY ?? '';
const MAIL = process.env.RINGFENCE_MCP_MAIL ?? '';
const MOST_TURNS = 20;

interface Part {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: object;
}

let session: string | undefined;
let last = 0;

async function mail(method: string, params: object): Promise<Record<string, unknown>> {
  last += 1;
  const isNotice = method.startsWith('notifications/');
  const answer = await fetch(MAIL, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(session !== undefined && { 'mcp-session-id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...(isNotice ? {} : { id: last }), method, params }),
  });
  session ??= answer.headers.get('mcp-session-id') ?? undefined;
  const text = await answer.text();
  if (isNotice) return {};
  const json = text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}');
  const { result, error } = JSON.parse(json) as {
    result?: Record<string, unknown>;
    error?: { message: string };
  };
  return result ?? { isError: true, content: [{ type: 'text', text: error?.message ?? 'no answer' }] };
}

async function ask(messages: object[], tools: object[]): Promise<Part[]> {
  const answer = await fetch(`${MODEL}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'scripted-1', max_tokens: 500, messages, tools }),
  });
  if (!answer.ok) throw new Error(`the model answers ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { content: Part[] }).content;
}

await mail('initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'mail-agent', version: '1' },
});
await mail('notifications/initialized', {});
const { tools } = (await mail('tools/list', {})) as {
  tools: { name: string; description: string; inputSchema: object }[];
};
const offered = tools.map(({ name, description, inputSchema }) => ({
  name,
  description,
  input_schema: inputSchema,
}));
const messages: object[] = [{ role: 'user', content: 'Answer the customers who wrote to the mail desk.' }];
for (let turn = 0; turn < MOST_TURNS; turn += 1) {
  const content = await ask(messages, offered);
  messages.push({ role: 'assistant', content });
  for (const { type, text } of content) if (type === 'text') console.log(`model: ${text}`);
  const calls = content.filter(({ type }) => type === 'tool_use');
  if (calls.length === 0) break;
  const results: object[] = [];
  for (const { id, name, input } of calls) {
    const result = await mail('tools/call', { name, arguments: input });
    const [first] = result.content as { text?: string }[];
    console.log(`tool:  ${name} ${result.isError === true ? 'was not permitted' : 'done'}`);
    results.push({
      type: 'tool_result',
      tool_use_id: id,
      content: first?.text ?? '',
      is_error: result.isError === true,
    });
  }
  messages.push({ role: 'user', content: results });
}
