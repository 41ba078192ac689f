/**
 * Packages for one cell: an index of exactly what the contract lists, at names of its own. A request becomes a look-up
 * in a table; what is fetched, in which order, was settled before the first of them.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import type {
  FlowRegistration,
  GatewayConfig,
  GatewayMessage,
  GatewayOrder,
  Owner,
  PackageIndex,
  PackageOffer,
  PackageStore,
} from '../../contract/index.ts';
import {
  type Ecosystem,
  PACKAGE_ADDRESS,
  PACKAGE_DOMAIN,
  PACKAGE_HOSTS,
  PACKAGE_PORT,
} from '../../contract/packages.ts';
import type { Questions } from '../approvals/questions.ts';
import { outwardResolve } from '../dns/outward.ts';
import type { UpstreamResolver } from '../dns/upstream.ts';
import type { FlowContext } from '../flow/context.ts';
import type { Address } from '../policy/addresses.ts';
import type { Policy } from '../policy/policy.ts';
import type { Reporter } from '../reporter.ts';
import { Endpoint } from '../served/endpoint.ts';
import type { ServiceAbout } from '../served/flow.ts';
import type { CarriedFlow, Served } from '../served/served.ts';
import { Asking } from './asking.ts';
import { ecosystemOf, type Offer, type Resource, tableOf } from './catalogue.ts';
import { Conversation, type Reply, type Request } from './conversation.ts';
import { Copies, clauseOf } from './copies.ts';
import { offersOf, type PlanContext } from './plan.ts';
import { Upstream } from './upstream.ts';

/** Characters of a path that are recorded. */
const SHOWN = 300;

type Table = ReadonlyMap<string, Resource>;

export interface ServiceOptions {
  config: GatewayConfig & { packages: PackageIndex[]; store: PackageStore };
  policy: Policy;
  resolver: UpstreamResolver;
  reporter: Reporter;
  send: (message: GatewayMessage) => Promise<void>;
  /** where what is not listed is asked about */
  questions: Questions | undefined;
}

/** The service where the contract has packages. */
export function packageService(
  options: Omit<ServiceOptions, 'config' | 'send'> & {
    config: GatewayConfig;
    send: (message: GatewayMessage, sent?: () => void) => void;
  },
): PackageService | undefined {
  const { config } = options;
  const { packages, store } = config;
  if (!packages || packages.length === 0 || !store) return undefined;
  const send = (message: GatewayMessage) => new Promise<void>((resolve) => options.send(message, resolve));
  return new PackageService({ ...options, config: { ...config, packages, store }, send });
}

export class PackageService implements Served {
  readonly #options: ServiceOptions;
  readonly #copies: Copies;
  readonly #asking: Asking | undefined;
  readonly #upstreams = new Map<PackageIndex, Upstream>();
  readonly #tables: Partial<Record<Ecosystem, Promise<Table>>> = {};
  readonly #served = new Map<Resource, number>();
  readonly #endpoint = new Endpoint({
    host: PACKAGE_DOMAIN,
    clause: 'packages',
    address: PACKAGE_ADDRESS,
    port: PACKAGE_PORT,
    called: 'the package index',
  });

  constructor(options: ServiceOptions) {
    this.#options = options;
    const { store, run, packages } = options.config;
    this.#asking =
      options.questions &&
      new Asking({
        indexes: packages,
        questions: options.questions,
        contextOf: (index) => this.#context(index),
      });
    this.#copies = new Copies({
      store,
      run,
      reporter: options.reporter,
      upstream: (index) => this.#upstream(index),
      send: options.send,
    });
  }

  /** Begins to ask and fetch, in the order of the contract's lists, whatever is asked for inside. */
  start(): void {
    const { config } = this.#options;
    const there = new Set(readdirSync(config.store.folder));
    const planned = config.packages.map(async (index, number) => {
      const { folder, copiesOnly = false } = config.store;
      const keep = (told: PackageOffer[]) =>
        void this.#options.send({ type: 'offers', index: number, offers: told });
      const offers = await offersOf(index, number, { ...this.#context(index), folder, copiesOnly, keep });
      this.#copies.ahead(
        offers.map(({ item }) => item).filter(({ artefact }) => !artefact.foreign),
        there,
      );
      return { index, offers };
    });
    for (const ecosystem of Object.keys(PACKAGE_HOSTS) as Ecosystem[]) {
      const own = planned.filter((_, number) => config.packages[number]?.ecosystem === ecosystem);
      if (own.length > 0)
        this.#tables[ecosystem] = Promise.all(own).then((indexes) =>
          tableOf(
            ecosystem,
            indexes.flatMap(({ offers }): Offer[] => offers),
          ),
        );
    }
  }

  /** The address of a name inside, where it is one of ours. */
  addressOf(name: string): { address: Address; ttl: number } | undefined {
    const ecosystem = ecosystemOf(name);
    return ecosystem !== undefined && this.#tables[ecosystem] ? this.#endpoint.answer() : undefined;
  }

  /** The flow that answers a connect to our address; `undefined` for any other. */
  serve(
    context: FlowContext,
    registration: FlowRegistration,
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined {
    const take: ServiceAbout['take'] = (accepted, { owner, ended, fail }) =>
      new Conversation(accepted, {
        answer: (request) => this.#answer(request, owner),
        refuse: (why, request) => this.#deny(owner, request, why),
        end: ended,
        fail,
      });
    return this.#endpoint.serve(context, registration, take, done);
  }

  /** What the controller says about a copy. */
  kept(order: Extract<GatewayOrder, { order: 'kept' }>): void {
    this.#copies.kept(order.copy, order.problem);
  }

  /** Tells what was served more than once. */
  close(): void {
    for (const [resource, times] of this.#served) if (times > 1) this.#report(resource, undefined, { times });
    for (const upstream of this.#upstreams.values()) upstream.close();
  }

  async #answer(request: Request, owner: Owner): Promise<Reply> {
    const ecosystem = ecosystemOf(request.host);
    const table = ecosystem && (await this.#tables[ecosystem]);
    const resource = ecosystem && table && (await this.#find(ecosystem, table, request, owner));
    if (!resource || resource.kind === 'refused') {
      this.#deny(owner, request, resource?.why ?? 'no such index');
      return { status: 404 };
    }
    if (resource.kind === 'document') {
      this.#serve(resource, owner, { bytes: resource.document.body.length });
      return { status: 200, ...resource.document };
    }
    const copy = await this.#copies.obtain(resource.item);
    if (!copy.ok) {
      this.#report(resource, owner, { problem: copy.why });
      return { status: 404 };
    }
    this.#serve(resource, owner, { bytes: copy.bytes, from: copy.from });
    return { status: 200, type: 'application/octet-stream', file: copy.file, bytes: copy.bytes };
  }

  async #find(ecosystem: Ecosystem, table: Table, { target }: Request, owner: Owner) {
    const unlisted = { kind: 'refused' as const, why: 'not listed' };
    return table.get(target) ?? (await this.#asking?.find(ecosystem, target, owner)) ?? unlisted;
  }

  #context(index: PackageIndex): PlanContext {
    const { reporter } = this.#options;
    return { reporter, upstream: this.#upstream(index), processor: process.arch };
  }

  #serve(resource: Resource, owner: Owner, facts: { bytes: number; from?: 'copy' | 'upstream' }): void {
    const times = (this.#served.get(resource) ?? 0) + 1;
    this.#served.set(resource, times);
    if (times === 1) this.#report(resource, owner, facts);
  }

  #report(
    resource: Resource,
    owner: Owner | undefined,
    facts: { bytes?: number; from?: 'copy' | 'upstream'; problem?: string; times?: number },
  ): void {
    const { index } = resource.kind === 'file' ? resource.item : resource;
    const clause =
      resource.kind === 'file'
        ? clauseOf(resource.item)
        : resource.asked
          ? 'oversight.approve'
          : `packages[${index.rule}]`;
    const what =
      resource.kind === 'document'
        ? { name: resource.name }
        : {
            name: resource.item.artefact.name,
            ...(resource.item.artefact.version !== '' && { version: resource.item.artefact.version }),
            file: resource.item.of.file,
          };
    const { bytes, from, problem, times } = facts;
    this.#options.reporter.event({
      kind: 'package.request',
      ...(owner && { owner }),
      ecosystem: index.ecosystem,
      ...what,
      served: problem === undefined,
      ...(from !== undefined && { from }),
      ...(bytes !== undefined && { bytes }),
      ...(problem !== undefined && { detail: problem }),
      ...(times !== undefined && { detail: `${times} times in all` }),
      clause,
    });
  }

  #deny(owner: Owner, request: Request | undefined, why: string): void {
    const shown = request && `${request.method} ${request.host}${request.target}`.slice(0, SHOWN);
    this.#options.reporter.coalesced(`package ${owner.pid}`, {
      kind: 'denial',
      layer: 'gateway',
      owner,
      what: `package request ${shown ?? '(malformed)'}: ${why}`,
      clause: 'packages',
      allow: 'list the artefact in a lock file or named set of packages',
    });
  }

  #upstream(index: PackageIndex): Upstream {
    const known = this.#upstreams.get(index);
    if (known) return known;
    const { policy, resolver } = this.#options;
    const ca = index.ca ?? (this.#options.config.store.authorities || undefined);
    const made = new Upstream({ ca, resolve: outwardResolve(policy, resolver), from: index.from });
    this.#upstreams.set(index, made);
    return made;
  }
}
