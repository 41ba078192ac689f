/**
 * Events as OpenTelemetry's OTLP in JSON, a request for a collector on each line (the form of OTLP files): log records
 * for all events, and spans for what lasts: the run, model turns (GenAI conventions), tool calls, processes.
 * https://opentelemetry.io/docs/specs/otlp/ and https://opentelemetry.io/docs/specs/semconv/gen-ai/
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { LedgerEvent } from '../contract/index.ts';
import { describeEvent } from './format.ts';
import { parseTime } from './time.ts';

type Value =
  | { stringValue: string }
  | { intValue: string }
  | { doubleValue: number }
  | { boolValue: boolean }
  | { arrayValue: { values: Value[] } };
interface Attribute {
  key: string;
  value: Value;
}

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: 1 | 3;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Attribute[];
  status: { code: 0 | 1 | 2; message?: string };
}

/** A request as OTLP over HTTP has it; the key says to which path it goes. */
export type OtlpRequest = { resourceLogs: object[] } | { resourceSpans: object[] };

/** SeverityNumber of the logs data model. */
const SEVERITY = { informational: 9, low: 10, medium: 13, high: 17, critical: 21 } as const;
const SEVERITY_TEXT: Readonly<Record<number, string>> = {
  9: 'INFO',
  10: 'INFO2',
  13: 'WARN',
  17: 'ERROR',
  21: 'FATAL',
};
/** Spans that wait for their end; beyond it the oldest end as they are. */
const MOST_OPEN = 65_536;
/** Events in one request. */
const BATCH = 512;

const SCOPE = { name: 'ringfence' };

function anyValue(value: unknown): Value {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object'))
    return { arrayValue: { values: value.map(anyValue) } };
  return { stringValue: typeof value === 'string' ? value : JSON.stringify(value) };
}

const attributes = (values: Record<string, unknown>): Attribute[] =>
  Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: anyValue(value) }));

const hash = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits);
const nano = (microseconds: number): string => `${Math.round(microseconds)}000`;

function severityOf(event: LedgerEvent): number {
  switch (event.kind) {
    case 'finding':
      return SEVERITY[event.level ?? 'high'];
    case 'tampering':
      return SEVERITY.critical;
    case 'violation':
      return SEVERITY.high;
    case 'limit.reached':
    case 'sensor.loss':
    case 'ledger.recover':
      return SEVERITY.medium;
    case 'judgement':
      return event.score === undefined ? SEVERITY.medium : SEVERITY.informational;
    case 'denial':
      return SEVERITY.low;
    case 'probe':
      return event.ok ? SEVERITY.informational : SEVERITY.critical;
    default:
      return SEVERITY.informational;
  }
}

/** W3C trace context: the trace that the agent's own telemetry has, where the request carried it. */
function traceOf(traceparent: string | undefined): { traceId: string; parent: string } | undefined {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(traceparent ?? '');
  return match ? { traceId: match[1] as string, parent: match[2] as string } : undefined;
}

const GEN_AI_SYSTEM: Readonly<Record<string, string>> = { anthropic: 'anthropic', openai: 'openai' };

function modelSpan(event: Extract<LedgerEvent, { kind: 'model.turn' }>): Record<string, unknown> {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': GEN_AI_SYSTEM[event.provider] ?? event.provider,
    'gen_ai.request.model': event.model,
    'gen_ai.response.finish_reasons': event.finish === undefined ? undefined : [event.finish],
    'gen_ai.usage.input_tokens': event.usage?.input,
    'gen_ai.usage.output_tokens': event.usage?.output,
    'http.response.status_code': event.status,
    'error.type': event.allowed ? undefined : 'refused',
  };
}

export class OtlpMapper {
  readonly #open = new Map<string, { span: Span; last: number }>();
  #logs: object[] = [];
  #spans: Span[] = [];
  #run = '';
  #last = 0;

  /** @returns requests that are full */
  add(event: LedgerEvent): OtlpRequest[] {
    if (this.#run !== '' && this.#run !== event.run)
      throw new Error('one mapper is for the events of one run');
    this.#run = event.run;
    this.#last = parseTime(event.time);
    this.#follow(event, this.#last);
    this.#logs.push(this.#record(event));
    return this.#logs.length >= BATCH ? this.#flush() : [];
  }

  /** What is left; spans that did not end say so. */
  end(): OtlpRequest[] {
    for (const key of [...this.#open.keys()]) this.#finish(key, this.#last, { 'ringfence.unfinished': true });
    return this.#flush();
  }

  #flush(): OtlpRequest[] {
    const resource = {
      attributes: attributes({
        'service.name': 'ringfence',
        'service.instance.id': this.#run,
        'ringfence.run': this.#run,
      }),
    };
    const requests: OtlpRequest[] = [];
    if (this.#logs.length > 0)
      requests.push({ resourceLogs: [{ resource, scopeLogs: [{ scope: SCOPE, logRecords: this.#logs }] }] });
    if (this.#spans.length > 0)
      requests.push({ resourceSpans: [{ resource, scopeSpans: [{ scope: SCOPE, spans: this.#spans }] }] });
    this.#logs = [];
    this.#spans = [];
    return requests;
  }

  #record(event: LedgerEvent): object {
    const { seq, time, run, cell, context, kind, ...fields } = event;
    const severity = severityOf(event);
    const known = this.#spanFor(event);
    return {
      timeUnixNano: nano(parseTime(time)),
      severityNumber: severity,
      severityText: SEVERITY_TEXT[severity],
      eventName: `ringfence.${kind}`,
      body: { stringValue: describeEvent(event) },
      attributes: attributes({
        'ringfence.seq': seq,
        'ringfence.cell': cell,
        ...prefixed('ringfence.context', context ?? {}),
        ...prefixed('ringfence', fields),
      }),
      traceId: known?.traceId ?? this.#trace,
      ...(known && { spanId: known.spanId }),
    };
  }

  get #trace(): string {
    return hash(`trace ${this.#run}`, 32);
  }

  #spanFor(event: LedgerEvent): Span | undefined {
    const pid = 'owner' in event ? event.owner?.pid : undefined;
    const keys = [
      ...(event.kind === 'tool.result' ? [`call ${event.call}`] : []),
      ...(event.context?.toolCall === undefined ? [] : [`call ${event.context.toolCall}`]),
      ...(pid === undefined ? [] : [`process ${pid}`]),
      'run',
    ];
    return keys.map((key) => this.#open.get(key)?.span).find((span) => span !== undefined);
  }

  #start(
    key: string,
    name: string,
    time: number,
    values: Record<string, unknown>,
    traceparent?: string,
    kind: 1 | 3 = 1,
  ): void {
    const outer = traceOf(traceparent);
    const parent = outer?.parent ?? (key === 'run' ? undefined : this.#open.get('run')?.span.spanId);
    const span: Span = {
      traceId: outer?.traceId ?? this.#trace,
      spanId: hash(`span ${this.#run} ${key} ${time}`, 16),
      ...(parent !== undefined && { parentSpanId: parent }),
      name,
      kind,
      startTimeUnixNano: nano(time),
      endTimeUnixNano: nano(time),
      attributes: attributes(values),
      status: { code: 0 },
    };
    this.#open.set(key, { span, last: time });
    if (this.#open.size <= MOST_OPEN) return;
    const oldest = [...this.#open.keys()].find((one) => one !== 'run');
    if (oldest !== undefined) this.#finish(oldest, this.#last, { 'ringfence.unfinished': true });
  }

  #finish(key: string, time: number, values: Record<string, unknown>, failed?: string): void {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    open.span.endTimeUnixNano = nano(Math.max(time, open.last));
    open.span.attributes.push(...attributes(values));
    if (failed !== undefined) open.span.status = { code: 2, message: failed };
    this.#spans.push(open.span);
  }

  #follow(event: LedgerEvent, time: number): void {
    switch (event.kind) {
      case 'run.start':
        this.#start('run', `run ${event.contract.name}`, time, {
          'process.command_args': event.command,
          'ringfence.contract.sha256': event.contract.sha256,
        });
        break;
      case 'run.stop':
        this.#finish(
          'run',
          time,
          { 'process.exit.code': event.exit.code, 'ringfence.reason': event.reason },
          event.reason === 'ended' ? undefined : event.reason,
        );
        break;
      case 'process.exec':
        if (this.#open.has(`process ${event.owner.pid}`)) break; // the same process, another program
        this.#start(`process ${event.owner.pid}`, `process ${event.path}`, time, {
          'process.pid': event.owner.pid,
          'process.parent_pid': event.owner.ppid,
          'process.executable.path': event.path,
          'process.command_args': event.owner.argv,
          'process.working_directory': event.cwd,
        });
        break;
      case 'process.exit':
        this.#finish(`process ${event.owner.pid}`, time, {
          'process.exit.code': event.code,
          'ringfence.signal': event.signal,
        });
        break;
      case 'model.turn': {
        const key = `turn ${event.turn}`;
        this.#start(
          key,
          `chat ${event.model}`,
          time - event.ms * 1000,
          modelSpan(event),
          event.traceparent,
          3,
        );
        this.#finish(
          key,
          time,
          { 'ringfence.turn': event.turn },
          event.allowed && (event.status ?? 500) < 400
            ? undefined
            : (event.detail ?? String(event.status ?? 'no answer')),
        );
        break;
      }
      case 'tool.call':
        this.#start(
          `call ${event.call}`,
          `execute_tool ${event.tool}`,
          time,
          {
            'gen_ai.operation.name': 'execute_tool',
            'gen_ai.tool.name': event.tool,
            'gen_ai.tool.call.id': event.call,
            'ringfence.decision': event.decision,
            'ringfence.via': event.via,
          },
          event.traceparent,
        );
        if (event.decision === 'denied') this.#finish(`call ${event.call}`, time, {}, 'denied');
        break;
      case 'tool.result':
        this.#finish(`call ${event.call}`, time, {}, event.ok ? undefined : (event.detail ?? 'failed'));
        break;
      default:
        break;
    }
  }
}

/** Objects one level down, so that a collector can filter by them; deeper ones and lists of them as JSON. */
function prefixed(prefix: string, fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]): [string, unknown][] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([inner, one]) => [`${prefix}.${key}.${inner}`, one])
        : [[`${prefix}.${key}`, value]],
    ),
  );
}
