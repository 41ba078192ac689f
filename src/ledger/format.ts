/**
 * Events as text for people: one line each, safe to print on a terminal whatever the agent named its files.
 *
 * @module
 */
import { type LedgerEvent, type Owner, printable, shellWord } from '../contract/index.ts';

const LONGEST = 2000;

/**
 * Escapes what could move the cursor, colour, reorder or hide text: control, format (bidi, zero-width), separator,
 * private and unassigned characters. Bytes that were not UTF-8 (PEP 383 surrogates) come out as `\xNN`. A backslash is
 * doubled, so the result is unambiguous.
 */
export function escapeForTerminal(text: string): string {
  return printable(text.replaceAll('\\', '\\\\'));
}

/** An argument as a shell would need it written, where it is not plain. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : shellWord(argument);
}

function by(owner: Owner | undefined): string {
  if (!owner) return '';
  return ` by ${owner.pid}${owner.exe === undefined ? '' : ` ${owner.exe}`}`;
}

function clause(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`;
}

const sealed = (event: { sealed?: string }): string =>
  event.sealed === undefined ? '' : ' (what was said is encrypted, erased, or not exported)';

function detail(text: string | undefined): string {
  return text === undefined ? '' : `: ${text}`;
}

function ending(exit: { code?: number; signal?: number }): string {
  return exit.signal === undefined ? `code ${exit.code ?? '?'}` : `signal ${exit.signal}`;
}

/** What the event says, without time and kind; not yet safe to print. */
function describe(event: LedgerEvent): string {
  switch (event.kind) {
    case 'run.start':
      return `${event.command.map(quote).join(' ')} in ${event.cwd} under ${event.contract.name} (${event.contract.path}), isolation ${event.isolation}`;
    case 'run.stop':
      return `${ending(event.exit)}: ${event.reason}; ${event.changes.added} added, ${event.changes.changed} changed, ${event.changes.deleted} deleted${event.incomplete ? '; record incomplete' : ''}`;
    case 'process.exec':
      return `${event.owner.pid} ${(event.owner.argv ?? [event.path]).map(quote).join(' ')} [${event.path}] in ${event.cwd}`;
    case 'process.exit':
      return `${event.owner.pid}${event.owner.exe === undefined ? '' : ` ${event.owner.exe}`} ${ending(event)}`;
    case 'file.change':
      return `${event.op} ${event.path}${event.to === undefined ? '' : ` to ${event.to}`}${by(event.owner)}`;
    case 'dns.query': {
      const answer =
        event.denied === undefined ? event.answer.join(' ') || 'no answer' : `denied: ${event.denied}`;
      return `${event.name} ${event.type} ${answer}${event.count === undefined ? '' : ` ×${event.count}`}${by(event.owner)}`;
    }
    case 'flow.open': {
      const host = event.host === undefined ? '' : `${event.host} `;
      return `${event.flow} ${host}${event.address} port ${event.port}/${event.transport}${by(event.owner)}${clause(event.clause)}`;
    }
    case 'flow.verdict':
      return `${event.flow} ${event.protocol}, declared ${event.declared}: ${event.ok ? 'ok' : 'violation'}${event.sni === undefined ? '' : `, SNI ${event.sni}`}${event.detail === undefined ? '' : `, ${event.detail}`}`;
    case 'flow.close':
      return `${event.flow} ${event.sent} bytes sent, ${event.received} received, ${event.ms} ms: ${event.reason}`;
    case 'denial':
      return `${event.layer}: ${event.what}${event.errno === undefined ? '' : ` → ${event.errno}`}${event.count === undefined ? '' : ` ×${event.count}`}${by(event.owner)}${clause(event.clause)}`;
    case 'violation':
      return `${event.what}${event.flow === undefined ? '' : ` on ${event.flow}`}${by(event.owner)}: ${event.action}${clause(event.clause)}`;
    case 'tampering':
      return `${event.what}${by(event.owner)}: ${event.action}`;
    case 'resource.sample':
      return `cpu ${event.cpu} ms, memory ${event.memory} bytes, ${event.processes} processes, disk ${event.disk} bytes`;
    case 'limit.reached':
      return `${event.limit}: ${event.used} of ${event.max}: ${event.action}`;
    case 'probe':
      return `${event.ok ? 'holds' : 'FAILED'}${event.reached.length > 0 ? `, reached ${event.reached.join(', ')}` : ''}${event.changed.length > 0 ? `, changed ${event.changed.join(', ')}` : ''} (${event.us} µs)`;
    case 'sensor.loss':
      return `${event.sensor} lost ${event.count}: ${event.reason}`;
    case 'control':
      return `${event.action} by ${event.by}${event.detail === undefined ? '' : `: ${event.detail}`}`;
    case 'http.request':
      return `${event.flow} ${event.method} ${event.host}${event.path}${event.query === undefined ? '' : `?${event.query.join('&')}`} ${event.allowed ? (event.status ?? 'no answer') : 'refused'}${event.detail === undefined ? '' : `: ${event.detail}`}${by(event.owner)}${clause(event.clause)}`;
    case 'secret.use':
      return `${event.secret} for ${event.host} on ${event.flow}${by(event.owner)}${clause(event.clause)}`;
    case 'package.request':
      return `${event.ecosystem} ${event.name}${event.version === undefined ? '' : ` ${event.version}`}${event.file === undefined ? '' : ` ${event.file}`} ${event.served ? `served${event.from === undefined ? '' : ` (${event.from})`}` : 'refused'}${event.detail === undefined ? '' : `: ${event.detail}`}${by(event.owner)}${clause(event.clause)}`;
    case 'package.fetch':
      return `${event.ecosystem} ${event.name}${event.version === undefined ? '' : ` ${event.version}`} ${event.url} ${event.ok ? `${event.bytes} bytes in ${event.ms} ms` : 'failed'}${event.digest === undefined ? '' : `, first seen: ${event.digest}`}${event.detail === undefined ? '' : `: ${event.detail}`}${clause(event.clause)}`;
    case 'approval.ask':
      return `${event.question}: ${event.effect}: ${event.what}${by(event.owner)}`;
    case 'approval.answer':
      return `${event.question}: ${event.allow ? 'allowed' : 'denied'} by ${event.by}${event.until === undefined ? '' : ` until ${event.until}`}${event.detail === undefined ? '' : `: ${event.detail}`}`;
    case 'contract.change':
      return `${event.clause}: ${event.rule} by ${event.by}${event.until === undefined ? '' : ` until ${event.until}`}`;
    case 'session.open':
      return `${event.session} ${event.command.map(quote).join(' ')} by ${event.by}${event.terminal ? ' with a terminal' : ''}`;
    case 'session.close':
      return `${event.session} ${ending(event.exit)}`;
    case 'grade': {
      const { visible, true: actual, violations } = event.reward;
      return `R ${visible ?? '?'}, R* ${actual ?? '?'}, C ${violations}${event.flaky ? ', flaky' : ''}: ${event.text}`;
    }
    case 'model.turn': {
      const tokens = event.usage === undefined ? '' : `, ${event.usage.input} + ${event.usage.output} tokens`;
      return `${event.turn} ${event.provider} ${event.model} ${event.allowed ? (event.status ?? 'no answer') : 'refused'}${tokens}, ${event.ms} ms${sealed(event)}${detail(event.detail)}${by(event.owner)}${clause(event.clause)}`;
    }
    case 'tool.call':
      return `${event.call}${event.told === undefined ? '' : `, declared as ${event.told.call}:`} ${event.server === undefined ? '' : `${event.server}.`}${event.tool} ${event.arguments}${sealed(event)} ${event.decision}${detail(event.detail)}${by(event.owner)}${clause(event.clause)}`;
    case 'tool.result':
      return `${event.call} ${event.ok ? 'ok' : 'failed'} after ${event.ms} ms${detail(event.detail)}: ${event.content}${sealed(event)}`;
    case 'tool.definitions':
      return `${event.server} offers ${event.tools.map(({ name }) => name).join(' ') || 'nothing'}${event.changed === undefined ? '' : `, CHANGED: ${event.changed.join(' ')}`}`;
    case 'message':
      return `${event.channel} to ${event.to.join(' ')} ${event.state}${event.labels === undefined ? '' : ` [${event.labels.join(' ')}]`}${detail(event.detail)}: ${event.subject ?? event.text}${sealed(event)}${clause(event.clause)}`;
    case 'flow.shape':
      return `${event.flow} ${event.protocol} looks like ${event.shape} (${event.confidence}), ${event.sent} bytes sent, ${event.received} received${detail(event.detail)}`;
    case 'judgement': {
      const said =
        event.score === undefined
          ? `FAILED (${event.failed ?? 'unknown'})${detail(event.detail)}${event.count === undefined ? '' : ` ×${event.count}`}${event.action === undefined ? '' : `: ${event.action}`}`
          : `${event.score} of 1, threshold ${event.threshold}${event.reason === undefined ? '' : `: ${event.reason}`}`;
      return `${event.judge} (${event.provider} ${event.model}) of ${event.of}${event.about.length === 0 ? '' : ` [${event.about.join(', ')}]`} ${said}${sealed(event)}${clause(event.clause)}`;
    }
    case 'finding':
      return `${event.rule} (${event.hazard}${event.level === undefined ? '' : `, ${event.level}`}): ${event.text}${event.cites.length === 0 ? '' : ` [${event.cites.join(', ')}]`}${event.response === undefined ? '' : `: ${event.response}`}`;
    case 'note':
      return event.text;
    case 'ledger.recover':
      return event.text;
    case 'ledger.close':
      return `closed by ${event.by}`;
    default:
      // A record of a later version: shown as it is rather than hidden.
      return JSON.stringify(event);
  }
}

/** What the event says, without time and kind: one line, terminal-safe. */
export function describeEvent(event: LedgerEvent): string {
  const text = describe(event);
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return escapeForTerminal(cut);
}

/**
 * One line, terminal-safe, without colours: time, number, kind, and what happened.
 *
 * @example 2026-01-02T03:04:05.000006Z 12 denial network: connect 198.51.100.7:22/tcp → ECONNREFUSED (network)
 */
export function formatEvent(event: LedgerEvent): string {
  return `${event.time} ${event.seq} ${escapeForTerminal(event.kind)} ${describeEvent(event)}`;
}
