/**
 * What the gateway knows about the rules that look inside requests: which they are, their judges, their secrets, and how
 * TLS is terminated for them. What only such rules need is loaded when the first of them is met.
 *
 * @module
 */
import {
  type GatewayConfig,
  type InsertedSecret,
  type NetworkRule,
  terminates,
} from '../../contract/index.ts';
import { RuleJudge } from '../http/judge.ts';
import { type HostSecrets, secretsFor } from '../http/secrets.ts';
import type { Candidate } from '../policy/pins.ts';
import type { Terminator } from './terminate.ts';

/** A wildcard rule lets the agent choose names. */
const MAX_HOSTS = 1024;

export class Inspector {
  readonly #config: Pick<GatewayConfig, 'authority' | 'trusted'>;
  readonly #secrets: readonly InsertedSecret[];
  readonly #rules: Parameters<typeof terminates>[0];
  readonly #judges = new WeakMap<NetworkRule, RuleJudge>();
  readonly #bySecretHost = new Map<string, HostSecrets | undefined>();
  #terminator: Promise<Terminator> | undefined;

  constructor(config: Pick<GatewayConfig, 'network' | 'authority' | 'trusted' | 'secrets'>) {
    this.#config = config;
    this.#secrets = config.secrets ?? [];
    // the controller has looked already; here a line break would become a header of its own
    const broken = this.#secrets.find(({ value }) => /[\p{Cc}]/u.test(value));
    if (broken) throw new Error(`secret ${broken.name} holds control characters`);
    this.#rules = {
      secrets: Object.fromEntries(this.#secrets.map(({ name, hosts }) => [name, { for: hosts }])),
    };
  }

  /** Whether the gateway terminates TLS for a rule. */
  rule(rule: NetworkRule): boolean {
    return terminates(this.#rules, rule);
  }

  judgeOf({ match }: Candidate): RuleJudge {
    let judge = this.#judges.get(match.rule);
    if (!judge) {
      judge = new RuleJudge(match.rule);
      this.#judges.set(match.rule, judge);
    }
    return judge;
  }

  secretsOf({ name }: Candidate): HostSecrets | undefined {
    if (this.#secrets.length === 0) return undefined;
    if (!this.#bySecretHost.has(name)) {
      if (this.#bySecretHost.size >= MAX_HOSTS) this.#bySecretHost.clear();
      this.#bySecretHost.set(name, secretsFor(this.#secrets, name));
    }
    return this.#bySecretHost.get(name);
  }

  /** Loads what terminates TLS; fails where the run has no usable authority. */
  terminator(): Promise<Terminator> {
    this.#terminator ??= import('./terminate.ts').then((module) => new module.Terminator(this.#config));
    return this.#terminator;
  }
}
