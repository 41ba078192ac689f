/**
 * One event → what detectors look at.
 *
 * @module
 */
import type { LedgerEvent, ModelPart, Owner } from '../../contract/index.ts';
import type { Category, FieldValue, Observation } from '../observation.ts';
import {
  citesOf,
  endOf,
  gradeFields,
  judgementFields,
  packageFields,
  queryFields,
  requestFields,
  userOf,
} from './parts.ts';
import { type LookUp, Processes } from './processes.ts';

type Fields = Record<string, FieldValue>;
type Of<Kind extends LedgerEvent['kind']> = Extract<LedgerEvent, { kind: Kind }>;

/** What an observer may ask of the kernel, and how much it remembers. */
export interface ObserverOptions {
  lookUp?: LookUp | undefined;
  processes?: number;
}

/** What is known of a flow that is open. */
interface Flow {
  host: string | undefined;
  address: string;
  port: number;
  transport: string;
  declared: string | undefined;
  clause: string | undefined;
  owner: Owner | undefined;
}

const FLOWS = 16_384;
const CALLS = 4096;

/**
 * Makes observations of a run's events. It keeps what later events refer to: processes, open flows, the tools of calls.
 * One for each run; events in their order.
 */
export class Observer {
  readonly processes: Processes;
  readonly #flows = new Map<string, Flow>();
  readonly #tools = new Map<string, string>();
  /** calls whose message was held: what became of it is no second message */
  readonly #held = new Map<string, true>();
  #user: string | undefined;
  #lost = 0;

  constructor(options: ObserverOptions = {}) {
    this.processes = new Processes(options.lookUp, options.processes);
  }

  /** How much was forgotten that later events may refer to, since it was last asked. */
  lost(): number {
    const lost = this.#lost + this.processes.lost();
    this.#lost = 0;
    return lost;
  }

  /** @param time microseconds since 1970 */
  observe(event: LedgerEvent, time: number): Observation[] {
    this.processes.hear(event, event.seq, time);
    const parts = this.#fields(event);
    return parts.map(([category, fields]) => ({
      category,
      time,
      run: event.run,
      cell: event.cell,
      cites: citesOf(event),
      fields,
      ...(event.context && { context: event.context }),
    }));
  }

  #fields(event: LedgerEvent): [Category, Fields][] {
    switch (event.kind) {
      case 'process.exec':
        return [['process_creation', this.#process(event.owner)]];
      case 'process.exit':
        return [
          [
            'process_termination',
            { ...this.#process(event.owner), ExitCode: event.code, Signal: event.signal },
          ],
        ];
      case 'file.change':
        return [
          [
            'file_event',
            {
              ...this.#process(event.owner),
              Operation: event.op,
              TargetFilename: event.to ?? event.path,
              SourceFilename: event.to === undefined ? undefined : event.path,
            },
          ],
        ];
      case 'dns.query':
        return [['dns_query', { ...this.#process(event.owner), ...queryFields(event) }]];
      case 'flow.open':
        return this.#opened(event);
      case 'flow.verdict':
        return [
          [
            'egress_flow',
            {
              ...this.#flow(event.flow),
              ...(event.host !== undefined && { DestinationHostname: event.host }),
              Phase: 'verdict',
              Protocol: event.protocol,
              Declared: event.declared,
              Ok: event.ok,
              Sni: event.sni,
              Detail: event.detail,
            },
          ],
        ];
      case 'flow.shape':
        return [
          [
            'egress_flow',
            {
              ...this.#flow(event.flow, event.owner),
              Phase: 'shape',
              Protocol: event.protocol,
              ...(event.host !== undefined && { DestinationHostname: event.host }),
              DestinationPort: event.port,
              Shape: event.shape,
              Confidence: event.confidence,
              Sent: event.sent,
              Received: event.received,
              Milliseconds: event.ms,
              Detail: event.detail,
            },
          ],
        ];
      case 'flow.close': {
        const fields = {
          ...this.#flow(event.flow),
          Phase: 'close',
          Sent: event.sent,
          Received: event.received,
          Milliseconds: event.ms,
          Reason: event.reason,
        };
        this.#flows.delete(event.flow);
        return [['egress_flow', fields]];
      }
      case 'violation':
        return [
          [
            'egress_flow',
            {
              ...(event.flow === undefined
                ? this.#process(event.owner)
                : this.#flow(event.flow, event.owner)),
              Phase: 'violation',
              Ok: false,
              Clause: event.clause,
              Hazard: event.hazard,
              Detail: event.what,
            },
          ],
        ];
      case 'http.request':
        return [['http_request', { ...this.#flow(event.flow, event.owner), ...requestFields(event) }]];
      case 'secret.use':
        return [
          [
            'http_request',
            {
              ...this.#flow(event.flow, event.owner),
              'cs-host': event.host,
              Secret: event.secret,
              Clause: event.clause,
            },
          ],
        ];
      case 'package.request':
        return [['package_request', { ...this.#process(event.owner), ...packageFields(event) }]];
      case 'package.fetch':
        return [['package_request', { ...packageFields({ ...event, served: event.ok }), Fetch: true }]];
      case 'denial':
        return [
          [
            'denial',
            {
              ...this.#process(event.owner),
              Layer: event.layer,
              What: event.what,
              Errno: event.errno,
              Hazard: event.hazard,
              Clause: event.clause,
              Count: event.count ?? 1,
              Again: event.what.endsWith('(again)') || undefined,
            },
          ],
        ];
      case 'model.turn':
        return this.#turn(event);
      case 'tool.call':
        if (this.#tools.size >= CALLS) this.#evict(this.#tools);
        this.#tools.set(event.call, event.tool);
        return [
          [
            'tool_call',
            {
              ...this.#process(event.owner),
              Call: event.call,
              Server: event.server,
              Tool: event.tool,
              Arguments: event.arguments,
              Via: event.via,
              Decision: event.decision,
              Digest: event.digest,
              Clause: event.clause,
              Detail: event.detail,
            },
          ],
        ];
      case 'tool.definitions':
        return [
          [
            'tool_call',
            {
              Server: event.server,
              Changed: event.changed,
              Tool: undefined,
              Detail: event.changed ? 'definitions changed' : 'definitions',
            },
          ],
        ];
      case 'tool.result': {
        const tool = this.#tools.get(event.call);
        this.#tools.delete(event.call);
        const { call: Call, ok: Ok, content: Content, via: Via = 'mcp', detail: Detail } = event;
        return [['tool_result', { Call, Tool: tool, Ok, Content, Via, Detail }]];
      }
      case 'message':
        return [
          [
            'message',
            {
              Call: event.call,
              Channel: event.channel,
              To: event.to,
              Subject: event.subject,
              Text: event.text,
              State: event.state,
              Labels: event.labels,
              Again: this.#again(event.call, event.state),
              Clause: event.clause,
              Detail: event.detail,
            },
          ],
        ];
      case 'resource.sample':
        return [
          [
            'resource',
            { Cpu: event.cpu, Memory: event.memory, Processes: event.processes, Disk: event.disk },
          ],
        ];
      case 'limit.reached':
        return [['resource', { Limit: event.limit, Used: event.used, Max: event.max }]];
      case 'grade':
        return [['grade', gradeFields(event)]];
      case 'probe':
        return [
          [
            'sensor',
            { Sensor: 'probe', Ok: event.ok, Reason: [...event.changed, ...event.reached].join('; ') },
          ],
        ];
      case 'sensor.loss':
        return [['sensor', { Sensor: event.sensor, Reason: event.reason, Count: event.count, Ok: false }]];
      case 'judgement':
        return [['judgement', judgementFields(event)]];
      case 'run.start':
        this.#user = userOf(event.effective.uid);
        return [
          [
            'run',
            {
              Phase: 'start',
              Contract: event.contract.name,
              What: event.command.join(' '),
              CurrentDirectory: event.cwd,
            },
          ],
        ];
      case 'run.stop':
        return [
          [
            'run',
            {
              Phase: 'stop',
              Reason: event.reason,
              ExitCode: event.exit.code,
              Signal: event.exit.signal,
              Added: event.changes.added,
              Changed: event.changes.changed,
              Deleted: event.changes.deleted,
            },
          ],
        ];
      case 'tampering':
        return [['run', { ...this.#process(event.owner), Phase: 'tampering', What: event.what }]];
      case 'control':
        return [['run', { Phase: event.action, By: event.by, What: event.detail }]];
      case 'approval.ask':
        return [
          [
            'run',
            {
              ...this.#process(event.owner),
              Phase: 'ask',
              What: event.what,
              Effect: event.effect,
              Digest: event.digest,
            },
          ],
        ];
      case 'approval.answer':
        return [
          [
            'run',
            {
              Phase: 'answer',
              By: event.by,
              Allow: event.allow,
              Digest: event.digest,
              Until: endOf(event.until),
            },
          ],
        ];
      case 'contract.change':
        return [
          [
            'run',
            {
              Phase: 'change',
              By: event.by,
              What: event.rule,
              Clause: event.clause,
              Until: endOf(event.until),
            },
          ],
        ];
      case 'session.open':
        return [['run', { Phase: 'session', By: event.by, What: event.command.join(' ') }]];
      case 'session.close':
      case 'finding':
      case 'note':
      case 'ledger.recover':
      case 'ledger.close':
        return [];
    }
  }

  #process(owner: Owner | undefined): Fields {
    if (!owner) return {};
    const known = this.processes.get(owner.pid);
    const parent = this.processes.parentOf(owner.pid);
    const words = known?.arguments ?? owner.argv;
    return {
      Image: known?.image ?? owner.exe,
      CommandLine: words?.join(' '),
      Arguments: words,
      ProcessId: owner.pid,
      ParentProcessId: known?.parent ?? owner.ppid,
      ParentImage: parent?.image,
      ParentCommandLine: parent?.arguments?.join(' '),
      CurrentDirectory: known?.cwd,
      User: this.#user,
    };
  }

  #opened(event: Of<'flow.open'>): [Category, Fields][] {
    const { flow, owner, host, address, port, transport, declared, clause } = event;
    if (this.#flows.size >= FLOWS) {
      this.#evict(this.#flows);
      this.#lost += 1;
    }
    this.#flows.set(flow, { host, address, port, transport, declared, clause, owner });
    const fields = this.#flow(flow);
    return [
      ['network_connection', { ...fields, Initiated: 'true' }],
      ['egress_flow', { ...fields, Phase: 'open' }],
    ];
  }

  #flow(name: string, owner?: Owner): Fields {
    const flow = this.#flows.get(name);
    return {
      ...this.#process(owner ?? flow?.owner),
      Flow: name,
      ...(flow && {
        DestinationHostname: flow.host,
        DestinationIp: flow.address,
        DestinationPort: flow.port,
        Protocol: flow.transport,
        Declared: flow.declared,
        Clause: flow.clause,
      }),
    };
  }

  #again(call: string, state: 'held' | 'delivered' | 'refused'): true | undefined {
    if (state !== 'held') return this.#held.delete(call) || undefined;
    if (this.#held.size >= CALLS) this.#evict(this.#held);
    this.#held.set(call, true);
    return undefined;
  }

  #evict(map: Map<string, unknown>): void {
    for (const key of map.keys()) {
      map.delete(key);
      return;
    }
  }

  #turn(event: Of<'model.turn'>): [Category, Fields][] {
    const common: Fields = {
      ...this.#process(event.owner),
      Turn: event.turn,
      Provider: event.provider,
      Model: event.model,
      Allowed: event.allowed,
      Clause: event.clause,
      Detail: event.detail,
      Finish: event.finish,
    };
    const part = (Direction: string, { role, type, text, id, name }: ModelPart): [Category, Fields] => [
      'llm_message',
      { ...common, Direction, Role: role, Type: type, Text: text, Call: id, Tool: name },
    ];
    return [
      ...event.input.map((each) => part('input', each)),
      ...event.output.map((each) => part('output', each)),
    ];
  }
}
