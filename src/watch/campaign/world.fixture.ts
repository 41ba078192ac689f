/**
 * A world of cells and one shared service, as sequences of what their gateways saw.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import { ContentReader } from '../../gateway/content/index.ts';
import type { Detection } from '../detector.ts';
import type { Category, FieldValue } from '../observation.ts';
import { Campaigns } from './campaigns.ts';
import { contentFields } from './fields.ts';

export const keyed = (mark: string) =>
  createHmac('sha256', 'k').update(mark).digest('base64url').slice(0, 12);
export const SECOND = 1_000_000;

/** A world of cells and one shared service; each act is a second later than the one before. */
export class World {
  readonly found: Detection[] = [];
  readonly campaigns = new Campaigns({ keyed });
  now = 1_700_000_000 * SECOND;
  #seq = 0;

  #observe(cell: string, category: Category, fields: Record<string, FieldValue>) {
    this.now += SECOND;
    this.#seq += 1;
    const context = { turn: `turn-${this.#seq}` };
    const about = { time: this.now, run: cell, cell, cites: [this.#seq], context };
    this.campaigns.observe({ category, fields, ...about }, (detection) => this.found.push(detection));
    return this.#seq;
  }

  http(
    cell: string,
    method: string,
    target: string,
    about: { body?: string; answer?: string; status?: number } = {},
  ) {
    const reader = new ContentReader('cache.example.test', target);
    if (about.body !== undefined) reader.asked(Buffer.from(about.body));
    if (about.answer !== undefined) reader.answered(Buffer.from(about.answer));
    const content = reader.content();
    for (const list of ['named', 'told', 'heard', 'shown'] as const)
      if (content?.[list]) content[list] = content[list].map(keyed);
    return this.#observe(cell, 'http_request', {
      'cs-method': method,
      'cs-host': 'cache.example.test',
      'cs-uri-stem': target.split('?')[0],
      'sc-status': about.status ?? 200,
      'sc-bytes': about.answer?.length ?? 0,
      Allowed: true,
      ...contentFields(content),
    });
  }

  exec(cell: string, line: string) {
    return this.#observe(cell, 'process_creation', { CommandLine: line });
  }

  tool(cell: string, tool: string, given: object, content: string) {
    const Call = `call-${this.#seq}`;
    const about = { Server: 'tracker', Tool: tool, Call };
    this.#observe(cell, 'tool_call', { ...about, Arguments: JSON.stringify(given), Decision: 'allowed' });
    return this.#observe(cell, 'tool_result', { Call, Ok: true, Content: content });
  }

  denied(cell: string, what: string) {
    return this.#observe(cell, 'denial', { What: what, Layer: 'network' });
  }

  failed(cell: string, line: string) {
    return this.#observe(cell, 'process_termination', { CommandLine: line, ExitCode: 1 });
  }

  kinds(): string[] {
    return [...new Set(this.found.map(({ rule }) => rule.id.replace('campaign.', '')))].sort();
  }

  ids(): (string | undefined)[] {
    return [...new Set(this.found.map(({ campaign }) => campaign))];
  }
}
