// Calls a model with the vendors' own client, as an agent inside would, and prints what came of it as JSON.
const [modules, api, mode, model, ...rest] = process.argv.slice(2);
const more = rest[0] === undefined ? {} : JSON.parse(rest[0]);
const tools = {
  messages: [
    {
      name: 'read_file',
      description: 'reads',
      input_schema: { type: 'object', properties: { url: { type: 'string' } } },
    },
  ],
  chat: [
    { type: 'function', function: { name: 'read_file', parameters: { type: 'object', properties: {} } } },
  ],
  responses: [
    { type: 'function', name: 'read_file', parameters: { type: 'object', properties: {} }, strict: false },
  ],
};
const said = [];
const tell = (value) => console.log(JSON.stringify(value));

async function messages() {
  const { default: Anthropic } = await import(`${modules}/@anthropic-ai/sdk/index.mjs`);
  const client = new Anthropic({ maxRetries: 3 });
  const request = {
    model,
    max_tokens: 64,
    tools: tools.messages,
    messages: [{ role: 'user', content: 'Read my notes.' }],
    metadata: { user_id: 'u' },
    ...more,
  };
  if (mode === 'count')
    return {
      tokens: (await client.messages.countTokens({ model, messages: request.messages })).input_tokens,
    };
  if (mode === 'list') return { models: (await client.models.list()).data.map(({ id }) => id) };
  if (mode === 'whole') {
    const { data, response } = await client.messages.create(request).withResponse();
    return { content: data.content, finish: data.stop_reason, headers: Object.fromEntries(response.headers) };
  }
  const stream = client.messages.stream(request);
  stream.on('text', (text) => said.push(text));
  if (mode === 'leave') {
    for await (const event of stream) if (event.type === 'content_block_start') break;
    return { left: true };
  }
  const message = await stream.finalMessage();
  return { content: message.content, finish: message.stop_reason, said };
}

async function openai() {
  const { default: OpenAI } = await import(`${modules}/openai/index.mjs`);
  const client = new OpenAI({ maxRetries: 3 });
  if (mode === 'list') return { models: (await client.models.list()).data.map(({ id }) => id) };
  if (api === 'chat') {
    const request = {
      model,
      tools: tools.chat,
      messages: [{ role: 'user', content: 'Read my notes.' }],
      ...more,
    };
    if (mode === 'whole') {
      const { data, response } = await client.chat.completions.create(request).withResponse();
      const [{ message, finish_reason }] = data.choices;
      return { message, finish: finish_reason, headers: Object.fromEntries(response.headers) };
    }
    const stream = await client.chat.completions.create({ ...request, stream: true });
    const chunks = [];
    for await (const chunk of stream) {
      chunks.push(chunk.choices.length);
      said.push(chunk.choices[0]?.delta.content ?? '');
      if (mode === 'leave') break;
    }
    return { said, chunks };
  }
  const request = { model, tools: tools.responses, input: 'Read my notes.', ...more };
  if (mode === 'whole') return { text: (await client.responses.create(request)).output_text };
  const stream = await client.responses.create({ ...request, stream: true });
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') said.push(event.delta);
    if (event.type === 'response.completed')
      return { said, output: event.response.output.map(({ type }) => type) };
    if (mode === 'leave') return { left: true };
  }
  return { said };
}

try {
  tell({ ok: true, ...(await (api === 'messages' ? messages() : openai())) });
} catch (error) {
  tell({
    ok: false,
    status: error.status,
    type: error.constructor.name,
    message: String(error.message).slice(0, 300),
  });
}
