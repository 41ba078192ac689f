// Calls models with the vendors' own clients, as an agent inside would, and prints what came of each call as JSON.
const [modules, calls] = process.argv.slice(2);
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

async function messages({ mode, model, say = 'Read my notes.', more, retries = 3 }) {
  const said = [];
  const { default: Anthropic } = await import(`${modules}/@anthropic-ai/sdk/index.mjs`);
  const client = new Anthropic({ maxRetries: retries });
  const request = {
    model,
    max_tokens: 64,
    tools: tools.messages,
    messages: [{ role: 'user', content: say }],
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

async function openai({ api, mode, model, say = 'Read my notes.', more, retries = 3 }) {
  const said = [];
  const { default: OpenAI } = await import(`${modules}/openai/index.mjs`);
  const client = new OpenAI({ maxRetries: retries });
  if (mode === 'list') return { models: (await client.models.list()).data.map(({ id }) => id) };
  if (api === 'chat') {
    const request = {
      model,
      tools: tools.chat,
      messages: [{ role: 'user', content: say }],
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
  const request = { model, tools: tools.responses, input: say, ...more };
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

const answers = [];
for (const call of JSON.parse(calls))
  try {
    answers.push({ ok: true, ...(await (call.api === 'messages' ? messages(call) : openai(call))) });
  } catch (error) {
    answers.push({
      ok: false,
      status: error.status,
      type: error.constructor.name,
      message: String(error.message).slice(0, 300),
    });
  }
console.log(JSON.stringify({ answers }));
