/**
 * Evidence about services, until it is enough: then it is a campaign, of which each cell is told once for each kind.
 *
 * @module
 */
import { FINDING_LEVELS, type FindingLevel } from '../../contract/index.ts';
import { Bounded } from './bounded.ts';
import { CRITICAL, type Evidence, type EvidenceKind, KINDS, points, THRESHOLD } from './evidence.ts';
import type { Signal } from './signal.ts';

export interface Member {
  by: Signal;
}

/** What a cell of a campaign is to be told. */
export interface Verdict {
  /** `c-` and hex digits; the same for all its cells */
  campaign: string;
  kind: EvidenceKind;
  level: FindingLevel;
  /** mark of the service through which it goes */
  service: string;
  time: number;
  run: string;
  cell: string;
  /** numbers of events of this run */
  cites: number[];
  turns: string[];
  calls: string[];
  /** the other runs, as far as this kind of evidence names them; those of the campaign where it names none */
  peers: string[];
  points: number;
}

/** A campaign as it is listed. */
export interface Campaign {
  id: string;
  services: string[];
  started: number;
  last: number;
  points: number;
  level: FindingLevel;
  kinds: Partial<Record<EvidenceKind, number>>;
  members: {
    run: string;
    cell: string;
    kinds: EvidenceKind[];
    cites: number[];
    turns: string[];
    calls: string[];
  }[];
}

interface Part {
  run: string;
  cell: string;
  kinds: Map<
    EvidenceKind,
    { cites: Set<number>; turns: Set<string>; calls: Set<string>; peers: Set<string> }
  >;
  told: Set<EvidenceKind>;
  /** points of the strongest evidence that it is in */
  strongest: number;
}

interface Suspicion {
  id: string;
  services: Set<string>;
  started: number;
  last: number;
  evidence: Map<string, Evidence>;
  parts: Map<string, Part>;
  alerted: boolean;
}

/**
 * What weighs less makes no campaign by itself, and nobody part of one: it is what honest cells have in common with those
 * that are not.
 */
const STRONG = 2;
const EVIDENCE = 512;
const PARTS = 1024;
const CITES = 64;
const SERVICES = 4096;

export class Suspicions {
  /** of a service, or of what joins cells without one */
  readonly #of = new Bounded<string, Suspicion>(SERVICES);
  /** the campaign that a cell is part of */
  readonly #cells = new Bounded<string, Suspicion>(SERVICES);
  readonly #pressure = new Bounded<string, number>(SERVICES);
  readonly #names: ReadonlyMap<string, string>;

  /** @param names of campaigns that were told already, by the service: whoever judges, a campaign keeps its name */
  constructor(names: ReadonlyMap<string, string> = new Map()) {
    this.#names = names;
  }

  /** Thresholds are divided by this where the cell takes part. */
  pressure(cell: string, factor: number): void {
    this.#pressure.set(cell, Math.min(2, Math.max(1, factor)));
  }

  /** Campaigns, the weightiest first. */
  ranked(now: number): Campaign[] {
    const all = [...new Set(this.#of.values())].filter(({ alerted }) => alerted);
    return all.map((one) => describe(one, now)).sort((a, b) => b.points - a.points);
  }

  add(found: {
    kind: EvidenceKind;
    key: string;
    service: string;
    members: readonly Member[];
    share: number;
    time: number;
  }): Verdict[] {
    const { kind, key, service, members, share, time } = found;
    const suspicion = this.#where(service, members);
    suspicion.last = Math.max(suspicion.last, time);
    const name = `${kind} ${key}`;
    const known = suspicion.evidence.get(name);
    if (!known || known.share < share) {
      suspicion.evidence.delete(name);
      suspicion.evidence.set(name, { kind, time, share });
      if (suspicion.evidence.size > EVIDENCE) weakestAway(suspicion.evidence, time);
    }
    const weight = KINDS[kind].weight * share;
    for (const { by } of members) this.#join(suspicion, { kind, weight }, by, members);
    return this.#verdicts(suspicion, time);
  }

  /** The suspicion that a service is under; one with an alerted campaign's cell in it is that campaign's. */
  #where(service: string, members: readonly Member[]): Suspicion {
    const own = this.#of.get(service);
    if (own?.alerted) return own;
    const joined = members.map(({ by }) => this.#cells.get(by.cell)).find((one) => one?.alerted);
    if (joined) {
      joined.services.add(service);
      if (own && own !== joined) merge(joined, own);
      this.#of.set(service, joined);
      return joined;
    }
    if (own) return own;
    const [first] = members;
    const made: Suspicion = {
      id: '',
      services: new Set([service]),
      started: first?.by.time ?? 0,
      last: 0,
      evidence: new Map(),
      parts: new Map(),
      alerted: false,
    };
    this.#of.set(service, made);
    return made;
  }

  #join(
    suspicion: Suspicion,
    { kind, weight }: { kind: EvidenceKind; weight: number },
    by: Signal,
    members: readonly Member[],
  ): void {
    const part = suspicion.parts.get(by.cell) ?? {
      run: by.run,
      cell: by.cell,
      kinds: new Map(),
      told: new Set(),
      strongest: 0,
    };
    part.strongest = Math.max(part.strongest, weight);
    if (!suspicion.parts.has(by.cell) && suspicion.parts.size >= PARTS) return;
    suspicion.parts.set(by.cell, part);
    const of = part.kinds.get(kind) ?? {
      cites: new Set(),
      turns: new Set(),
      calls: new Set(),
      peers: new Set(),
    };
    part.kinds.set(kind, of);
    if (of.cites.size < CITES) of.cites.add(by.seq);
    if (by.turn !== undefined && of.turns.size < CITES) of.turns.add(by.turn);
    if (by.call !== undefined && of.calls.size < CITES) of.calls.add(by.call);
    for (const member of members)
      if (member.by.run !== by.run && of.peers.size < CITES) of.peers.add(member.by.run);
  }

  #verdicts(suspicion: Suspicion, time: number): Verdict[] {
    const evidence = [...suspicion.evidence.values()];
    const score = points(evidence, time);
    if (!suspicion.alerted) {
      const factor = Math.max(1, ...[...suspicion.parts.keys()].map((cell) => this.#pressure.get(cell) ?? 1));
      const strong = evidence.filter(({ kind, share }) => KINDS[kind].weight * share >= STRONG);
      const kinds = new Set(evidence.map(({ kind }) => kind));
      const enough = strong.length > 0 && (kinds.size >= 2 || strong.some(({ kind }) => KINDS[kind].alone));
      if (score < THRESHOLD / factor || !enough) return [];
      suspicion.alerted = true;
      const [service = ''] = suspicion.services;
      suspicion.id = this.#names.get(service) ?? nameOf(suspicion);
    }
    const level = levelOf(evidence, score);
    const verdicts: Verdict[] = [];
    const parts = membersOf(suspicion);
    for (const part of parts) {
      this.#cells.set(part.cell, suspicion);
      for (const [kind, of] of part.kinds) {
        if (part.told.has(kind)) continue;
        part.told.add(kind);
        const all = parts.map(({ run }) => run).filter((run) => run !== part.run);
        verdicts.push({
          campaign: suspicion.id,
          kind,
          level: KINDS[kind].level === 'critical' ? level : less(level, KINDS[kind].level),
          service: [...suspicion.services][0] ?? '',
          time,
          run: part.run,
          cell: part.cell,
          cites: [...of.cites].sort((a, b) => a - b),
          turns: [...of.turns],
          calls: [...of.calls],
          peers: of.peers.size > 0 ? [...of.peers] : all.slice(0, CITES),
          points: Math.round(score * 10) / 10,
        });
      }
    }
    return verdicts;
  }
}

const membersOf = ({ parts }: Suspicion): Part[] =>
  [...parts.values()].filter(({ strongest }) => strongest >= STRONG);

/** The same for every judge that hears the same: of the service and of who began. */
function nameOf({ services, parts, started }: Suspicion): string {
  const [service] = services;
  const [first] = parts.values();
  return `c-${(service ?? '').replace(/[^\w]/g, '').slice(0, 6)}${(first?.run ?? '').slice(-6)}${String(started % 1000).padStart(3, '0')}`;
}

function levelOf(evidence: readonly Evidence[], score: number): FindingLevel {
  const grave = evidence.some(({ kind, share }) => KINDS[kind].level === 'critical' && share >= 0.9);
  return grave || score >= CRITICAL ? 'critical' : 'high';
}

/** A weak kind in a grave campaign is told of one step below it: its cell is part of it. */
const less = (campaign: FindingLevel, kind: FindingLevel): FindingLevel =>
  FINDING_LEVELS[Math.max(FINDING_LEVELS.indexOf(kind), FINDING_LEVELS.indexOf(campaign) - 1)] ?? 'high';

function weakestAway(evidence: Map<string, Evidence>, now: number): void {
  let weakest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [name, one] of evidence) {
    const value = points([one], now);
    if (value < least) [weakest, least] = [name, value];
  }
  if (weakest !== undefined) evidence.delete(weakest);
}

function merge(into: Suspicion, from: Suspicion): void {
  for (const [name, one] of from.evidence) if (!into.evidence.has(name)) into.evidence.set(name, one);
  for (const [cell, part] of from.parts) {
    const known = into.parts.get(cell);
    if (!known) into.parts.set(cell, part);
    else for (const [kind, of] of part.kinds) if (!known.kinds.has(kind)) known.kinds.set(kind, of);
  }
  into.started = Math.min(into.started, from.started);
}

function describe(suspicion: Suspicion, now: number): Campaign {
  const evidence = [...suspicion.evidence.values()];
  const score = points(evidence, now);
  const kinds: Campaign['kinds'] = {};
  for (const { kind } of evidence) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return {
    id: suspicion.id,
    services: [...suspicion.services],
    started: suspicion.started,
    last: suspicion.last,
    points: Math.round(score * 10) / 10,
    level: levelOf(evidence, score),
    kinds,
    members: membersOf(suspicion).map(({ run, cell, kinds: parts }) => {
      const of = [...parts.values()];
      return {
        run,
        cell,
        kinds: [...parts.keys()],
        cites: [...new Set(of.flatMap(({ cites }) => [...cites]))].sort((a, b) => a - b),
        turns: [...new Set(of.flatMap(({ turns }) => [...turns]))],
        calls: [...new Set(of.flatMap(({ calls }) => [...calls]))],
      };
    }),
  };
}
