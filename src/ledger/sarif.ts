/**
 * What went wrong in a run as SARIF 2.1.0 (OASIS): findings, broken contracts, attacks on the supervision, and what was refused. A result
 * points to the contract's line by its name, and to the ledger's events by their numbers.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { LedgerEvent } from '../contract/index.ts';
import { describeEvent } from './format.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
/** Code scanning services take at most 25,000 results of a run; what is beyond is counted. */
const MOST = 25_000;

const LEVELS = {
  informational: 'none',
  low: 'note',
  medium: 'warning',
  high: 'error',
  critical: 'error',
} as const;

interface Judged {
  rule: string;
  level: 'none' | 'note' | 'warning' | 'error';
  hazard?: string | undefined;
  clause?: string | undefined;
  cites: readonly number[];
  tags?: readonly string[] | undefined;
}

function judged(event: LedgerEvent): Judged | undefined {
  switch (event.kind) {
    case 'finding':
      return {
        rule: event.rule,
        level: LEVELS[event.level ?? 'high'],
        hazard: event.hazard,
        clause: event.clause,
        cites: event.cites,
        tags: event.techniques,
      };
    case 'violation':
      return {
        rule: 'contract.violation',
        level: 'error',
        hazard: event.hazard,
        clause: event.clause,
        cites: [event.seq],
      };
    case 'tampering':
      return {
        rule: 'contract.tampering',
        level: 'error',
        hazard: 'oversight-tampering',
        cites: [event.seq],
      };
    case 'denial':
      return {
        rule: `denied.${event.layer}`,
        level: 'note',
        hazard: event.hazard,
        clause: event.clause,
        cites: [event.seq],
      };
    default:
      return undefined;
  }
}

/** Listens to a run's events and gives one SARIF log. */
export class SarifMaker {
  readonly #version: string | undefined;
  readonly #rules = new Map<string, { index: number; tags: Set<string> }>();
  readonly #results: object[] = [];
  #beyond = 0;
  #contract: string | undefined;
  #run = '';

  /** @param version of this program */
  constructor(version?: string) {
    this.#version = version;
  }

  add(event: LedgerEvent): void {
    this.#run = event.run;
    if (event.kind === 'run.start') this.#contract = pathToFileURL(event.contract.path).href;
    const found = judged(event);
    if (!found) return;
    if (this.#results.length >= MOST) {
      this.#beyond += 1;
      return;
    }
    const rule = this.#rules.get(found.rule) ?? { index: this.#rules.size, tags: new Set<string>() };
    this.#rules.set(found.rule, rule);
    for (const tag of [...(found.hazard === undefined ? [] : [found.hazard]), ...(found.tags ?? [])])
      rule.tags.add(tag);
    const text = describeEvent(event);
    this.#results.push({
      ruleId: found.rule,
      ruleIndex: rule.index,
      kind: found.level === 'none' ? 'informational' : 'fail',
      level: found.level,
      message: { text },
      locations: [
        {
          ...(this.#contract !== undefined && {
            physicalLocation: { artifactLocation: { uri: this.#contract } },
          }),
          logicalLocations: [
            {
              name: found.clause ?? 'contract',
              kind: 'member',
              fullyQualifiedName: found.clause ?? 'contract',
            },
            ...found.cites.map((seq) => ({
              name: `event ${seq}`,
              kind: 'object',
              fullyQualifiedName: `${event.run}/${seq}`,
            })),
          ],
        },
      ],
      partialFingerprints: {
        'ringfenceFinding/v1': createHash('sha256')
          .update(JSON.stringify([found.rule, found.clause, text]))
          .digest('hex'),
      },
      properties: {
        run: event.run,
        time: event.time,
        cites: found.cites,
        ...(found.hazard !== undefined && { hazard: found.hazard }),
      },
    });
  }

  log(): object {
    return {
      $schema: SCHEMA,
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'ringfence',
              ...(this.#version !== undefined && { semanticVersion: this.#version }),
              rules: [...this.#rules].map(([id, { tags }]) => ({
                id,
                properties: { tags: [...tags].sort() },
              })),
            },
          },
          automationDetails: { id: `ringfence/${this.#run}` },
          results: this.#results,
          ...(this.#beyond > 0 && {
            invocations: [
              {
                executionSuccessful: true,
                toolExecutionNotifications: [
                  {
                    level: 'warning',
                    message: { text: `${this.#beyond} more results were left out: a log holds ${MOST}` },
                  },
                ],
              },
            ],
          }),
        },
      ],
    };
  }
}
