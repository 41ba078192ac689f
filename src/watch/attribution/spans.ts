/**
 * W3C trace context (https://www.w3.org/TR/trace-context/): which turn or call a span stands for.
 *
 * @module
 */

export interface Span {
  turn: string | undefined;
  call: string | undefined;
}

const SPANS = 8192;
/** `00-` trace id `-` parent id `-` flags; a later version may have more after them */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:$|-)/;

export class Spans {
  readonly #spans = new Map<string, Span>();
  readonly #traces = new Map<string, Span>();

  /** Something that is known carries this span; what is done under it carries it, too. */
  learn(traceparent: string | undefined, span: Span): void {
    const ids = read(traceparent);
    if (!ids) return;
    put(this.#spans, `${ids.trace}-${ids.parent}`, span);
    put(this.#traces, ids.trace, span);
  }

  /** The same span is certain, the same trace only near. */
  find(traceparent: string | undefined): { span: Span; confidence: number } | undefined {
    const ids = read(traceparent);
    if (!ids) return undefined;
    const exact = this.#spans.get(`${ids.trace}-${ids.parent}`);
    if (exact) return { span: exact, confidence: 1 };
    const near = this.#traces.get(ids.trace);
    return near && { span: near, confidence: 0.7 };
  }
}

function put(map: Map<string, Span>, key: string, span: Span): void {
  map.delete(key);
  map.set(key, span);
  if (map.size <= SPANS) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function read(text: string | undefined): { trace: string; parent: string } | undefined {
  const match = text === undefined ? undefined : TRACEPARENT.exec(text);
  const [, trace, parent] = match ?? [];
  return trace === undefined || parent === undefined ? undefined : { trace, parent };
}
