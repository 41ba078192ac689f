/**
 * A setting that is being read.
 *
 * @module
 */
import type { Hazard } from '../../contract/index.ts';
import type {
  ArtefactGrant,
  Compute,
  ContainerGrant,
  ContainerWord,
  ControlObject,
  Destination,
  FileGrant,
  Grading,
  Inbound,
  Isolation,
  Kind,
  ModelGrant,
  NetworkMode,
  Oversight,
  PersonGrant,
  ProgramGrant,
  SecretGrant,
  Setting,
  SocketGrant,
  Source,
  ToolGrant,
  Unexpressed,
  VariableGrant,
} from '../setting/index.ts';

/** Names of values as people write them. */
export const asWritten = (text: string): string => text.replace(/\$\{(\w+)\}/g, '$$$1');

/** SSH, telnet, RDP, VNC: IANA, Service Name and Transport Protocol Port Number Registry. */
const WAYS_IN = [22, 23, 3389, 5900];
const rankOf = ({ from, inside }: Inbound): number =>
  (from === 'anyone' ? 0 : 2) + (inside !== 'any' && WAYS_IN.includes(inside) ? 0 : 1);

export class Draft {
  readonly kind: Kind;
  name: string;
  isolation: Omit<Isolation, 'words'>;
  network: NetworkMode;
  compute: Compute;
  grading: Grading;
  several: Source | undefined;
  recorded = false;
  readonly words: ContainerGrant[] = [];
  readonly files: FileGrant[] = [];
  readonly destinations: Destination[] = [];
  readonly artefacts: ArtefactGrant[] = [];
  readonly inbound: Inbound[] = [];
  readonly sockets: SocketGrant[] = [];
  readonly programs: ProgramGrant[] = [];
  readonly secrets: SecretGrant[] = [];
  readonly variables: VariableGrant[] = [];
  readonly gpus: (Source & { text: string })[] = [];
  readonly models: ModelGrant[] = [];
  readonly tools: ToolGrant[] = [];
  readonly people: PersonGrant[] = [];
  readonly controls: ControlObject[] = [];
  readonly asks: Oversight['asks'][number][] = [];
  readonly #unexpressed: Unexpressed[] = [];

  /** All that a file can say nothing of has its place at `source`. */
  constructor(kind: Kind, name: string, source: Source, isolation: Isolation['kind'], network: NetworkMode) {
    this.kind = kind;
    this.name = name;
    this.isolation = { ...source, kind: isolation, user: 'unknown' };
    this.network = network;
    this.compute = { ...source, text: 'CPU time without an end', bounded: false, gpus: [] };
    this.grading = { ...source, kind: 'unknown', protect: [] };
  }

  word(source: Source, word: ContainerWord, detail?: string): void {
    if (this.words.some((each) => each.word === word && each.detail === detail)) return;
    this.words.push({ ...source, word, ...(detail !== undefined && { detail: asWritten(detail) }) });
  }

  hasWord(word: ContainerWord): boolean {
    return this.words.some((each) => each.word === word);
  }

  /** Without `hazards` it may open any; with none it is said for the reader alone. */
  unexpressed(source: Source, text: string, hazards?: readonly Hazard[]): void {
    this.#unexpressed.push({ ...source, text: asWritten(text), ...(hazards !== undefined && { hazards }) });
  }

  finish(): Setting {
    return {
      kind: this.kind,
      name: asWritten(this.name),
      isolation: { ...this.isolation, words: this.words },
      files: this.files,
      network: this.network,
      destinations: this.destinations,
      artefacts: this.artefacts,
      // ports that are for getting in come first
      inbound: this.inbound.toSorted((one, other) => rankOf(one) - rankOf(other)),
      sockets: this.sockets,
      programs: this.programs,
      secrets: this.secrets,
      variables: this.variables,
      compute: { ...this.compute, gpus: this.gpus },
      models: this.models,
      tools: this.tools,
      people: this.people,
      grading: this.grading,
      controls: this.controls,
      oversight: { asks: this.asks, recorded: this.recorded },
      several: this.several,
      unexpressed: this.#unexpressed,
    };
  }
}
