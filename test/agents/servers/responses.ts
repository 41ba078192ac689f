/**
 * A server of the OpenAI Responses API (https://platform.openai.com/docs/api-reference/responses-streaming), as far as
 * Codex uses it, with the tests' model behind it.
 *
 * @module
 */
import { type Identity, json, listen, type ModelServer, stream } from './listen.ts';
import { type Model, next, type Step } from './model.ts';

/** A tool, or a namespace of tools. */
interface Tool {
  type: string;
  name?: string;
  tools?: Tool[];
}

/** What goes to and fro in a conversation: messages, calls, what they return; and further tools. */
interface Item {
  type: string;
  output?: string | { text?: string }[];
  tools?: Tool[];
  [key: string]: unknown;
}

interface Request {
  model: string;
  tools?: Tool[];
  input: Item[];
}

type Call = Exclude<Step, { do: 'say' }>;

/** What the tools have returned so far, in order. */
const resultsOf = ({ input }: Request): string[] =>
  input
    .filter(({ type }) => type === 'function_call_output' || type === 'custom_tool_call_output')
    .map(({ output = '' }) =>
      typeof output === 'string' ? output : output.map(({ text = '' }) => text).join('\n'),
    );

/** Names of all tools that are offered, those in namespaces and in the conversation included. */
function toolsOf(request: Request): Set<string> {
  const offered = request.input.filter(({ type }) => type === 'additional_tools');
  const names = (tools: readonly Tool[] = []): string[] =>
    tools.flatMap(({ name, tools: inner }) => [...(name === undefined ? [] : [name]), ...names(inner)]);
  return new Set([...names(request.tools), ...offered.flatMap(({ tools }) => names(tools))]);
}

/** Codex's own format of changes (`apply_patch`). */
function patchOf(step: Extract<Step, { do: 'replace' | 'create' }>, results: readonly string[]): string {
  const change = (): string[] => {
    if (step.do === 'create')
      return [
        `*** Add File: ${step.path}`,
        ...step.text
          .trimEnd()
          .split('\n')
          .map((line) => `+${line}`),
      ];
    // the whole line, as it was read
    const line = results.flatMap((text) => text.split('\n')).find((text) => text.includes(step.from)) ?? '';
    return [`*** Update File: ${step.path}`, '@@', `-${line}`, `+${line.replace(step.from, step.to)}`];
  };
  return ['*** Begin Patch', ...change(), '*** End Patch'].join('\n');
}

/** Newer models write JavaScript that calls the tools (`exec`), others call them one by one. */
function callOf(step: Call, results: readonly string[], tools: ReadonlySet<string>): Item {
  const id = `call_${results.length}`;
  const custom = (name: string, input: string): Item => ({
    type: 'custom_tool_call',
    id: `c${id}`,
    call_id: id,
    name,
    input,
  });
  if (step.do === 'replace' || step.do === 'create') {
    const patch = patchOf(step, results);
    return tools.has('exec')
      ? custom('exec', `text(await tools.apply_patch(${JSON.stringify(patch)}));`)
      : custom('apply_patch', patch);
  }
  const args = JSON.stringify({ cmd: step.do === 'run' ? step.command : `cat '${step.path}'` });
  if (tools.has('exec')) return custom('exec', `text((await tools.exec_command(${args})).output);`);
  return { type: 'function_call', id: `f${id}`, call_id: id, name: 'exec_command', arguments: args };
}

function answer(request: Request, model: Model): Item {
  const tools = toolsOf(request);
  const results = resultsOf(request);
  // titles, summaries and the like are asked for without tools
  const step: Step =
    tools.has('exec') || tools.has('exec_command') ? model(results) : { do: 'say', text: 'Report' };
  if (step.do !== 'say') return callOf(step, results, tools);
  const content = [{ type: 'output_text', text: step.text, annotations: [] }];
  return { type: 'message', id: `msg_${results.length}`, role: 'assistant', content };
}

function events(item: Item): { type: string }[] {
  const response = { id: 'resp_1', object: 'response', status: 'in_progress', output: [] as Item[] };
  const usage = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };
  const created = { type: 'response.created', response };
  const added = { type: 'response.output_item.added', output_index: 0, item };
  const done = { type: 'response.output_item.done', output_index: 0, item };
  const end = { ...response, status: 'completed', output: [item], usage };
  return [created, added, done, { type: 'response.completed', response: end } as { type: string }];
}

export function responsesServer(identity?: Identity, model: Model = next): Promise<ModelServer> {
  return listen(({ method, path, body }, response) => {
    if (method === 'POST' && path === '/v1/responses')
      stream(response, events(answer(JSON.parse(body) as Request, model)));
    else if (method === 'GET' && path === '/v1/models')
      json(response, 200, { object: 'list', data: [], models: [] });
    else json(response, 404, { error: { message: 'not found' } });
  }, identity);
}
