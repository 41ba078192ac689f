/**
 * Linux Audit: lines as auditd(8) writes them to audit.log (RAW or ENRICHED), and JSON lines as LAUREL makes them
 * (https://github.com/threathunters-io/laurel, json-format.md). Records of one event carry the same number; they are
 * judged one by one, as Sigma's auditd rules expect, and joined to an execution, a connection or file changes.
 *
 * @module
 */

import type { Observation } from '../observation.ts';
import { joinRecords } from './audit-event.ts';
import { type AuditRecord, parseRaw, parseTransformed } from './audit-record.ts';
import { Programs } from './programs.ts';
import { type Sensor, UNNAMED_HOST } from './sensor.ts';

/** At most so many events wait for their further records; the kernel may interleave those of several CPUs. */
const OPEN = 64;
/** Microseconds after which an event is taken for whole, by the log's own time. */
const PATIENCE = 2_000_000;

export class AuditSensor implements Sensor {
  readonly #open = new Map<string, AuditRecord[]>();
  readonly #programs = new Programs();

  line(line: string): Observation[] {
    const records = line.trimStart().startsWith('{') ? parseTransformed(line) : parseRaw(line);
    const [first] = records;
    if (!first) return [];
    const key = `${first.host ?? UNNAMED_HOST} ${first.id}`;
    const known = this.#open.get(key);
    if (known) known.push(...records);
    else this.#open.set(key, [...records]);
    const whole = first.whole || records.some(({ type }) => type === 'EOE');
    return [...(whole ? this.#close(key) : []), ...this.#closeOld(first.time)];
  }

  end(): Observation[] {
    return [...this.#open.keys()].flatMap((key) => this.#close(key));
  }

  #closeOld(now: number): Observation[] {
    const done: Observation[] = [];
    for (const [key, [first]] of this.#open) {
      if (this.#open.size <= OPEN && first && Math.abs(now - first.time) < PATIENCE) break;
      done.push(...this.#close(key));
    }
    return done;
  }

  #close(key: string): Observation[] {
    const records = this.#open.get(key) ?? [];
    this.#open.delete(key);
    return joinRecords(records, this.#programs);
  }
}
