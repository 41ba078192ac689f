/**
 * The intermediate form: what a set-up grants to the agent in it, whoever wrote it. Plain data: contracts become one,
 * and so do launch lines, compose files, pods and other sandboxes' settings; everything that is proved is proved of it.
 *
 * A reader of a format states what the format grants, defaults included, and lists under `unexpressed` what this form has
 * no word for. It never guesses: what is not stated here is not granted, what is unexpressed leaves hazards UNKNOWN.
 *
 * @module
 */
import type { Hazard, Protocol } from '../../contract/index.ts';
import type { CONTAINER_WORDS, ServiceWord } from '../catalogue/index.ts';

/** A position in a file, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a grant is written. */
export interface Source {
  /** Path in the format: `network[0]`, `--volume`, `services.app.volumes[1]`, `spec.containers[0].securityContext.privileged`. */
  readonly clause: string;
  readonly place?: Place;
}

/** Formats that are read. */
export type Kind = 'contract' | 'docker' | 'compose' | 'k8s' | 'srt' | 'codex';

/** A setting of a container or pod in the catalogue's words. */
export type ContainerWord = keyof typeof CONTAINER_WORDS | `cap:${string}`;

export interface ContainerGrant extends Source {
  readonly word: ContainerWord;
  /** What it is about, for people and for patterns: the device, the capability, the machine's path. */
  readonly detail?: string;
}

/** What stands between the agent and the machine. */
export interface Isolation extends Source {
  /**
   * `cell`: all of our layers; `reduced`: ours without namespaces; `container`: namespaces of a container engine; `sandbox`:
   * another sandbox of the operator's own processes (bubblewrap, Landlock, Seatbelt); `vm`: a virtual machine; `none`: nothing.
   */
  readonly kind: 'cell' | 'reduced' | 'container' | 'sandbox' | 'vm' | 'none';
  /** Whom the machine takes the agent for, user namespaces considered. `operator`: the person's own account. */
  readonly user: 'root' | 'operator' | 'other' | 'unknown';
  /** What weakens it. */
  readonly words: readonly ContainerGrant[];
}

/**
 * Which files a pattern is about. `workspace`: relative to the folder in which the agent and people work. `machine`: the
 * machine's own, from `/`, or from `~/` for the operator's home. `private`: made for this run and gone with it, such as the
 * image's own files, a tmpfs, or a fresh home. `volume`: kept by the engine under a name.
 */
export type Space = 'workspace' | 'machine' | 'private' | 'volume';

export interface FileGrant extends Source {
  readonly space: Space;
  /** Pattern of paths as in the contract's `files`: `**`, `src/**`, `/srv/data`, `~/.cache`. A folder that is handed in whole is two grants in one: `/srv/data` stands for itself and all below it. */
  readonly path: string;
  /** Where the agent finds it, when that differs. */
  readonly inside?: string;
  readonly read: boolean;
  readonly write: boolean;
  /** Whether what lies there can be executed by the agent. */
  readonly execute: boolean;
  /**
   * What becomes of what is written. `at once`: it is the original; `on review`: a copy, of which a person applies what was
   * reviewed; `kept`: a volume that outlives the run; `never`: gone with the run. Where
   * `write` is false it says what the rest of the same space is: the original, or a copy.
   */
  readonly lands: 'at once' | 'on review' | 'kept' | 'never';
  /** Where that is written, if elsewhere. */
  readonly landing?: Source;
  /** Patterns in the same space that are taken out of this grant. */
  readonly except: readonly FileException[];
  /** Of a volume: its name; two settings that name the same one share it. */
  readonly volume?: string;
  /** Whether runs beside this one write to it, too. */
  readonly shared?: boolean;
}

export interface FileException extends Source {
  readonly path: string;
  /** `hidden`: not to be seen; new files can still be made there. `read-only`: seen, never written. */
  readonly what: 'hidden' | 'read-only';
}

/** `none`: none at all; `named`: the destinations and nothing else; `all`: every host; `machine`: the machine's own network, its loopback included. */
export interface NetworkMode extends Source {
  readonly mode: 'none' | 'named' | 'all' | 'machine';
  /** What keeps to it. `gateway`: ours, which judges the protocol; `proxy`: another's, by name or address alone; `engine`: an engine's or cluster's network rules. */
  readonly by: 'gateway' | 'proxy' | 'engine';
}

export interface Destination extends Source {
  /** As in `network[].host`: a name, `*.` and a name, an address, or `*` for any. */
  readonly host: string;
  readonly port: number | 'any';
  /** `any` where nothing judges what is spoken. */
  readonly protocol: Protocol | 'any';
  /** HTTP methods and path patterns; absent: all of them. */
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
  /** Header names that are passed on; absent: all. */
  readonly headers?: readonly string[];
  /** Bounds: bytes of one request body, bytes both ways, connections. */
  readonly body?: number;
  readonly bytes?: number;
  readonly connections?: number;
  /** Addresses that the set-up itself gives the name, or a name that the pattern matches. */
  readonly addresses: readonly (Source & { readonly name: string; readonly address: string })[];
  /** The classes of service that the set-up itself says are there (an image, a name under which it is known); nothing is guessed from it being unlikely. */
  readonly services: readonly ServiceWord[];
  /** Whether other runs reach the same service: a cluster's, a machine's, a public one. */
  readonly shared: boolean;
}

/** An index of exactly these artefacts, made by a gateway that fetches them itself: nothing of the agent's choosing goes out. */
export interface ArtefactGrant extends Source {
  readonly from: string;
  readonly ecosystem: string;
}

/** A port inside that somebody outside can connect to. */
export interface Inbound extends Source {
  /** Port outside and inside; `any` for published ranges that are not known. */
  readonly port: number | 'any';
  readonly inside: number | 'any';
  readonly protocol: 'tcp' | 'udp';
  /** `anyone`: whoever reaches the machine; `machine`: its own users and programs; `neighbours`: what shares the network, such as the cluster's pods. */
  readonly from: 'anyone' | 'machine' | 'neighbours';
}

/** A Unix socket of the machine that the agent can connect to. */
export interface SocketGrant extends Source {
  /** Its path on the machine, `@name` for an abstract one, or a pattern of several. */
  readonly path: string;
}

export interface SecretGrant extends Source {
  readonly name: string;
  /** Where the agent finds it: as a variable or in a file. `outside`: never inside; put into requests to `hosts` by the gateway. */
  readonly where: 'variable' | 'file' | 'outside';
  /** Of a secret that stays outside. */
  readonly hosts: readonly string[];
}

export interface VariableGrant extends Source {
  /** Its name; `*` for all that the operator has. */
  readonly name: string;
  /** `passed`: the value is the operator's own, whatever it is; `set`: written in the set-up. */
  readonly from: 'passed' | 'set';
}

export interface ProgramGrant extends Source {
  /** A name or path; `any` for all that can be seen. */
  readonly program: string;
  /** It runs outside of the isolation, on behalf of the agent: a command that another sandbox leaves out. */
  readonly outside?: boolean;
}

export interface Compute extends Source {
  /** In words: `2 CPUs for 3600 s`. */
  readonly text: string;
  /** Whether CPU time or wall-clock time ends. */
  readonly bounded: boolean;
  /** Devices for computation, such as `all GPUs`. */
  readonly gpus: readonly (Source & { readonly text: string })[];
}

export interface ModelGrant extends Source {
  readonly provider: string;
  /** Name that calls go to, where it is known. */
  readonly host?: string;
  /** Whether the agent itself holds the key, and whether a budget ends the calls. */
  readonly keySeen: boolean;
  readonly budgeted: boolean;
}

export interface ToolGrant extends Source {
  /** The server, and the tool of it; `*` where all of its tools are allowed. */
  readonly server: string;
  readonly tool: string;
  /** Whether a person allows each call. */
  readonly approved: boolean;
}

export interface PersonGrant extends Source {
  readonly channel: string;
  /** Whether a person allows each message. */
  readonly approved: boolean;
}

/** How success is decided. */
export interface Grading extends Source {
  /** `none`: nothing says; `unknown`: this format has no word for it. */
  readonly kind: 'none' | 'unknown' | 'unprotected' | 'visible' | 'hidden';
  /** The command that decides. */
  readonly run?: string;
  /** Patterns of files that are put back before grading. */
  readonly protect: readonly string[];
}

/** What oversees, and where it lies: who can write there, decides over it. */
export interface ControlObject extends Source {
  readonly what: 'grader' | 'ledger' | 'supervisor' | 'contract' | 'approvals' | 'review';
  readonly space: Space;
  /** A path, no pattern. */
  readonly path: string;
}

export interface Oversight {
  /** Effects that a person may allow during a run. */
  readonly asks: readonly (Source & { readonly effect: string })[];
  /** Whether somebody other than the agent keeps a record of what it does, and can stop it. */
  readonly recorded: boolean;
}

export interface Unexpressed extends Source {
  /** What it says that this form has no word for, as a clause for people. */
  readonly text: string;
  /** Hazards that it may open; absent: any. */
  readonly hazards?: readonly Hazard[];
}

/** What a set-up grants. */
export interface Setting {
  readonly kind: Kind;
  readonly name: string;
  readonly isolation: Isolation;
  readonly files: readonly FileGrant[];
  readonly network: NetworkMode;
  readonly destinations: readonly Destination[];
  readonly artefacts: readonly ArtefactGrant[];
  readonly inbound: readonly Inbound[];
  readonly sockets: readonly SocketGrant[];
  readonly programs: readonly ProgramGrant[];
  readonly secrets: readonly SecretGrant[];
  readonly variables: readonly VariableGrant[];
  readonly compute: Compute;
  readonly models: readonly ModelGrant[];
  readonly tools: readonly ToolGrant[];
  readonly people: readonly PersonGrant[];
  readonly grading: Grading;
  readonly controls: readonly ControlObject[];
  readonly oversight: Oversight;
  /** Set where several runs are made from this one set-up, so that they share what it shares; contracts always may be. */
  readonly several: Source | undefined;
  readonly unexpressed: readonly Unexpressed[];
}
