/**
 * A server of the Anthropic Messages API (https://docs.anthropic.com/en/api/messages and …/streaming), as far as Claude
 * Code and the plain loop use it, with the tests' model behind it.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { type Identity, json, listen, type ModelServer, stream } from './listen.ts';
import { type Model, next, type Step } from './model.ts';

interface Block {
  type: string;
  text?: string;
  id?: string;
  tool_use_id?: string;
  content?: string | Block[];
}

interface Request {
  model: string;
  stream?: boolean;
  tools?: { name: string }[];
  messages: { role: string; content: string | Block[] }[];
}

const textOf = (content: string | Block[] | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map((block) => block.text ?? '').join('\n');

/** What the tools have returned so far, in order. */
const resultsOf = ({ messages }: Request): string[] =>
  messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'tool_result')
    .map(({ content }) => textOf(content));

/** A step as a call of one of Claude Code's tools. */
function toolCall(step: Exclude<Step, { do: 'say' }>): { name: string; input: Record<string, unknown> } {
  switch (step.do) {
    case 'run':
      return { name: 'Bash', input: { command: step.command, description: 'Looks at the project' } };
    case 'read':
      return { name: 'Read', input: { file_path: step.path } };
    case 'replace':
      return { name: 'Edit', input: { file_path: step.path, old_string: step.from, new_string: step.to } };
    case 'create':
      return { name: 'Write', input: { file_path: step.path, content: step.text } };
  }
}

/** Everything can be done with the shell, too. */
function shellCall(step: Exclude<Step, { do: 'say' }>): { name: string; input: Record<string, unknown> } {
  const script = (): string => {
    switch (step.do) {
      case 'run':
        return step.command;
      case 'read':
        return `cat '${step.path}'`;
      case 'replace':
        return `sed -i 's/${step.from}/${step.to}/' '${step.path}'`;
      case 'create':
        return `cat >'${step.path}' <<'END'\n${step.text}END`;
    }
  };
  return { name: 'bash', input: { command: script() } };
}

function contentOf(request: Request, model: Model): Record<string, unknown>[] {
  const tools = new Set(request.tools?.map(({ name }) => name));
  const results = resultsOf(request);
  // titles, summaries and the like are asked for without tools
  if (!tools.has('Bash') && !tools.has('bash'))
    return [{ type: 'text', text: '{"title": "Report", "isNewTopic": true}' }];
  const step = model(results);
  if (step.do === 'say') return [{ type: 'text', text: step.text }];
  const call = tools.has('Edit') ? toolCall(step) : shellCall(step);
  return [
    { type: 'text', text: `Step ${results.length + 1}.` },
    { type: 'tool_use', id: `toolu_${results.length}`, ...call },
  ];
}

const USAGE = { input_tokens: 100, output_tokens: 10 };

function events(model: string, content: Record<string, unknown>[]): { type: string }[] {
  const called = content.some(({ type }) => type === 'tool_use');
  const message = {
    id: `msg_${randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    usage: USAGE,
  };
  const blocks = content.flatMap((block, index) => {
    const text = block.type === 'text';
    const open = text ? { type: 'text', text: '' } : { ...block, input: {} };
    const delta = text
      ? { type: 'text_delta', text: block.text }
      : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
    return [
      { type: 'content_block_start', index, content_block: open },
      { type: 'content_block_delta', index, delta },
      { type: 'content_block_stop', index },
    ];
  });
  const end = { stop_reason: called ? 'tool_use' : 'end_turn', stop_sequence: null };
  return [
    { type: 'message_start', message: { ...message, stop_reason: null, stop_sequence: null } } as {
      type: string;
    },
    ...blocks,
    { type: 'message_delta', delta: end, usage: USAGE } as { type: string },
    { type: 'message_stop' },
  ];
}

export function messagesServer(identity?: Identity, model: Model = next): Promise<ModelServer> {
  return listen(({ method, path, body }, response) => {
    if (method === 'HEAD') response.writeHead(200).end();
    else if (method === 'POST' && path === '/v1/messages/count_tokens')
      json(response, 200, { input_tokens: 100 });
    else if (method === 'POST' && path === '/v1/messages') {
      const request = JSON.parse(body) as Request;
      const content = contentOf(request, model);
      if (request.stream) stream(response, events(request.model, content));
      else
        json(response, 200, {
          ...{
            id: `msg_${randomUUID()}`,
            type: 'message',
            role: 'assistant',
            model: request.model,
            content,
            usage: USAGE,
          },
          stop_reason: content.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn',
          stop_sequence: null,
        });
    } else json(response, 404, { type: 'error', error: { type: 'not_found_error', message: 'not found' } });
  }, identity);
}
