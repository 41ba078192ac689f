/**
 * W3C trace context (https://www.w3.org/TR/trace-context/): which turn or call a span stands for.
 *
 * @module
 */

export interface Span {
  turn: string | undefined;
  call: string | undefined;
  /** true: a scaffold says so */
  isDeclared?: boolean;
}

/** How sure a span is, and one of the same trace; and how much of that where a scaffold alone says what it stands for. */
const SAME = 1;
const NEAR = 0.7;
const DECLARED = 0.9;

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

  /** A scaffold says what a span stands for: of one that is known, it can only say which call of the turn it is. */
  declare(traceparent: string | undefined, { turn, call }: Span): void {
    const ids = read(traceparent);
    if (!ids) return;
    const span = `${ids.trace}-${ids.parent}`;
    const known = this.#spans.get(span);
    const said = { turn, call, isDeclared: true };
    if (!known || known.isDeclared || (known.call === undefined && known.turn === turn))
      put(this.#spans, span, said);
    const near = this.#traces.get(ids.trace);
    if (!near || near.isDeclared) put(this.#traces, ids.trace, said);
  }

  /** The same span is certain, the same trace only near. */
  find(traceparent: string | undefined): { span: Span; confidence: number } | undefined {
    const ids = read(traceparent);
    if (!ids) return undefined;
    const exact = this.#spans.get(`${ids.trace}-${ids.parent}`);
    if (exact) return { span: exact, confidence: exact.isDeclared ? DECLARED : SAME };
    const near = this.#traces.get(ids.trace);
    return near && { span: near, confidence: near.isDeclared ? NEAR * DECLARED : NEAR };
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
