/**
 * A cell of the lab: a permissive contract that lets any bytes through to the outside host, and what the run says of it.
 *
 * @module
 */
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEvent } from '../../src/contract/index.ts';
import { ruleOfShape } from '../../src/watch/flows/index.ts';
import { ofKind, Project, type Running } from '../egress/cell.ts';
import { people } from '../egress/people.ts';
import { OUTSIDE } from './world.ts';

export const HOST = 'out.example.com';

/** What is done about findings: nothing, so that an act can be carried to its end; or what contracts say unless told. */
export type Policy = 'watch' | 'respond';

export class LabProject {
  readonly project: Project;

  constructor(namespace: string, scratch: string, files: readonly string[] = []) {
    const [self] = people(scratch);
    if (!self) throw new Error('nobody runs the lab');
    this.project = new Project({ ...self, prefix: ['ip', 'netns', 'exec', namespace] });
    const inside = join(import.meta.dirname, 'inside');
    for (const name of readdirSync(inside)) copyFileSync(join(inside, name), join(this.project.folder, name));
    for (const file of files)
      copyFileSync(file, join(this.project.folder, file.slice(file.lastIndexOf('/') + 1)));
  }

  start(ports: readonly Port[], script: string, policy: Policy, time = '60s'): Running {
    const quiet = { critical: 'note', high: 'note', medium: 'note', low: 'note', informational: 'none' };
    return this.project.start(
      {
        network: ports.map((port) =>
          typeof port === 'number' ? { host: HOST, port, protocol: 'tcp' } : { host: HOST, ...port },
        ),
        resolve: { [HOST]: [OUTSIDE] },
        time,
        ...(policy === 'watch' && { on: { finding: quiet } as unknown as Record<string, string> }),
      },
      ['sh', '-c', script],
    );
  }

  remove(): void {
    this.project.remove();
  }
}

export type Port = number | { port: number; protocol: string };

/** What the record says of one act. */
export interface Told {
  findings: { rule: string; level: string | undefined; text: string; us: number | undefined }[];
  /** rules whose sight of a flow was evidence of one of them */
  effects: string[];
  /** bytes out, and milliseconds of the flow, when the first of them was told */
  sent: number | undefined;
  /** milliseconds from the event that shows it to the freeze; `undefined`: nothing froze */
  froze: number | undefined;
  flows: number;
}

export function tell(events: readonly LedgerEvent[]): Told {
  const all = ofKind(events, 'finding');
  const findings = all.filter(({ text }) => !text.endsWith('(again)'));
  const cites = new Set(all.flatMap((finding) => finding.cites));
  const shapes = ofKind(events, 'flow.shape').filter(({ seq }) => cites.has(seq));
  const effects = shapes.flatMap(
    ({ shape, confidence, detail }) => ruleOfShape(shape, confidence, detail ?? '')?.id ?? [],
  );
  const citedBy = (finding: (typeof findings)[number] | undefined) =>
    events.find(({ seq }) => seq === finding?.cites[0]);
  const cited = citedBy(findings[0]);
  const flow = shapes[0] ?? findings.map(citedBy).find((event) => event?.kind === 'flow.verdict');
  const freeze = ofKind(events, 'control').find(({ action }) => action === 'freeze');
  const at = (event: LedgerEvent | undefined) => (event ? microseconds(event.time) : Number.NaN);
  return {
    findings: findings.map(({ rule, level, text, us }) => ({ rule, level, text, us })),
    effects,
    sent: flow?.kind === 'flow.shape' ? flow.sent : flow ? 0 : undefined,
    froze: freeze && cited ? (at(freeze) - at(cited)) / 1000 : undefined,
    flows: ofKind(events, 'flow.open').length,
  };
}

/** RFC 3339 with six digits → microseconds since 1970. */
function microseconds(time: string): number {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
