/**
 * `docker run` lines (and podman's and nerdctl's), as typed or in a shell script → settings, one for each line.
 *
 * Source: Docker CLI reference, docker container run; podman-run(1).
 *
 * @module
 */
import type { Setting, Source } from '../setting/index.ts';
import { Container } from './container.ts';
import { type Line, readOptions } from './docker-options.ts';
import { readRunOptions } from './docker-run.ts';
import { asWritten, Draft } from './draft.ts';
import { servicesOf } from './services.ts';
import { type Command, readScript, type Word } from './shell.ts';
import { type Fault, failed, type Parsed, START } from './tree.ts';
import { type Input, MAX_SETTINGS } from './types.ts';

/** Words that may stand before a command, and which of their options take a value. */
const BEFORE = new Map([
  ['sudo', 'ugUpChrtTDR'],
  ['doas', 'uC'],
  ['exec', 'a'],
  ['env', 'uCS'],
  ['nice', 'n'],
  ['timeout', 'ks'],
  ['xargs', 'adEIiLlnPs'],
  ['parallel', 'jaINn'],
  ...[
    'time',
    'nohup',
    'command',
    'eval',
    'if',
    'then',
    'else',
    'elif',
    'do',
    'while',
    'until',
    '!',
    '{',
    '$',
  ].map((word) => [word, ''] as const),
]);

/** Global options of docker with a value. */
const GLOBAL = new Set([
  '--config',
  '--context',
  '-c',
  '--host',
  '-H',
  '--log-level',
  '-l',
  '--tlscacert',
  '--tlscert',
  '--tlskey',
  '--connection',
  '--url',
  '--root',
  '--runroot',
  '--namespace',
  '-n',
  '--address',
  '-a',
]);

/** Text within a word that starts containers when it is run: an alias, `sh -c '…'`. */
const STARTS = /\b(docker|podman|nerdctl)(-compose)?\b.*\b(run|create|up|start)\b/s;

export interface Engine {
  readonly name: 'docker' | 'podman' | 'nerdctl';
  readonly asRoot: boolean;
}

/** What a script says of networks that it makes itself. */
export interface Networks {
  /** Name → whether it is internal. */
  readonly internal: ReadonlyMap<string, boolean>;
}

export function readDocker(text: string, input: Input): Parsed<Setting[]> {
  const script = readScript(text);
  if (script.faults.length > 0) return { ok: false, faults: script.faults };
  const faults: Fault[] = [];
  const drafts: Started[] = [];
  const internal = new Map<string, boolean>();
  const loops: Source[] = [];
  const later: Later[] = [];
  const made = new Set<string>();
  const unread: Source[] = [];
  for (const command of script.commands) {
    const [start] = command as [Word];
    if (drafts.length > MAX_SETTINGS) break;
    const here: Source = { clause: start.text, place: { file: input.file, ...start.at } };
    if (/^(for|while|until|xargs|parallel)$/.test(start.text)) loops.push(here);
    if (start.text === 'done') loops.pop();
    const found = engineOf(command);
    if (found === undefined) {
      if (command.some(({ text: word }) => STARTS.test(word))) unread.push(here);
      continue;
    }
    const { engine, words } = found;
    if (/^(compose|stack|service|play|kube|start|pod)$/.test(words[0]?.text ?? '')) unread.push(here);
    const [verb, next] = words;
    if (verb?.text === 'network' && next?.text === 'create') {
      const name = words.at(-1)?.text;
      if (name !== undefined)
        internal.set(
          name,
          words.some((word) => /^--internal(=true)?$/.test(word.text)),
        );
    }
    const rest = verb?.text === 'container' ? words.slice(1) : words;
    const isMade = verb?.text === 'volume' && next?.text === 'create';
    if (isMade && words.some(({ text: word }) => /^(-o|--opt|-d|--driver)/.test(word)))
      made.add(words.at(-1)?.text ?? '');
    later.push(...laterOf(rest, here));
    const [subcommand] = rest;
    if (subcommand === undefined || !/^(run|create)$/.test(subcommand.text)) continue;
    const line = readOptions(rest.slice(1));
    if (line.lacking !== undefined || line.image === undefined) {
      const { at, text: word } = line.lacking ?? subcommand;
      const what = line.lacking === undefined ? 'names no image' : 'wants a value';
      faults.push({
        ...at,
        path: [],
        message: `${word} ${what}`,
        hint: 'Write the whole line, as it is typed.',
      });
      continue;
    }
    const source: Source = {
      clause: `${engine.name} ${subcommand.text}`,
      place: { file: input.file, ...start.at },
    };
    const draft = new Draft('docker', line.image.text, source, 'container', {
      ...source,
      mode: 'all',
      by: 'engine',
    });
    const container = new Container(draft, source);
    readRunOptions(container, line, engine, { internal }, input, faults);
    if (draft.network.mode === 'all' && !draft.inbound.some(({ from }) => from === 'neighbours'))
      draft.inbound.push({ ...source, port: 'any', inside: 'any', protocol: 'tcp', from: 'neighbours' });
    const loop = loops.at(-1);
    if (loop !== undefined) draft.several = loop;
    if (/^(xargs|parallel)$/.test(start.text)) loops.pop();
    drafts.push({ draft, container, line });
  }
  if (faults.length > 0) return { ok: false, faults };
  if (drafts.length > MAX_SETTINGS)
    return failed(START, `more than ${MAX_SETTINGS} containers`, 'Give the lines of one sandbox alone.');
  joinNetworks(drafts);
  for (const started of drafts) addLater(started, drafts, later, made);
  for (const { draft } of drafts)
    for (const source of unread) draft.unexpressed(source, 'what this line starts besides is not read', []);
  const settings = drafts.map(({ draft, container }) => {
    container.finish();
    return draft.finish();
  });
  if (settings.length === 0)
    return {
      ok: false,
      faults: [
        {
          ...START,
          path: [],
          message: 'no docker run line is in it',
          hint: 'Put the line as you type it into a file: docker run --rm … IMAGE COMMAND.',
        },
      ],
    };
  return { ok: true, value: settings };
}

/** What a script does to a container that it has started. */
interface Later {
  readonly source: Source;
  readonly text: string;
  /** Its words, among them the container’s name. */
  readonly words: readonly string[];
}

function laterOf([verb, next, ...rest]: readonly Word[], source: Source): Later[] {
  const words = [next, ...rest].flatMap((word) => (word === undefined ? [] : [word.text]));
  if (verb?.text === 'network' && next?.text === 'connect')
    return [{ source, text: 'where the network that it is connected to later leads', words }];
  if (verb?.text === 'exec' && words.some((word) => /^--privileged(=|$)/.test(word)))
    return [{ source, text: 'what is run in it later, with all rights', words }];
  return [];
}

/** What other lines of the script change about a container. */
function addLater(
  { draft, line }: Started,
  drafts: readonly Started[],
  later: readonly Later[],
  made: ReadonlySet<string>,
): void {
  const name = line.options.findLast((option) => option.name === 'name')?.value;
  const isMeant = (word: string): boolean =>
    word === name || word.includes('${') || name?.includes('${') === true;
  // a container without a name of its own is known by one that nobody can foresee
  for (const { source, text, words } of later)
    if (name === undefined || words.some(isMeant)) draft.unexpressed(source, text);
  for (const { volume, clause, place } of draft.files)
    if (volume !== undefined && made.has(volume))
      draft.unexpressed(
        { clause, ...(place !== undefined && { place }) },
        `where the volume ${volume}, which is made with options of its own, lies`,
      );
  for (const { line: other, draft: theirs } of drafts) {
    if (other === line || name === undefined) continue;
    for (const { name: option, value, typed } of other.options)
      if (/^(net|network|pid|ipc|uts)$/.test(option) && value === `container:${name}`)
        draft.unexpressed(
          {
            clause: asWritten(typed),
            ...(theirs.isolation.place !== undefined && { place: theirs.isolation.place }),
          },
          `what ${theirs.name} does and holds, whose ${option} namespace is the same`,
        );
  }
}

interface Started {
  readonly draft: Draft;
  readonly container: Container;
  readonly line: Line;
}

/** Containers of one script that share a network know each other by name. */
function joinNetworks(drafts: readonly Started[]): void {
  const networksOf = ({ line }: Started): string[] => {
    const named = line.options
      .filter(({ name }) => name === 'network' || name === 'net')
      .map(({ value }) => /(?:^|,)name=([^,]+)/.exec(value)?.[1] ?? value);
    return named.filter((name) => !/^(none|host|bridge|default|(container|ns):.*)$/.test(name));
  };
  for (const one of drafts)
    for (const other of drafts) {
      const common = networksOf(other).some((name) => networksOf(one).includes(name));
      if (one === other || !common) continue;
      const named = other.line.options.find(({ name }) => name === 'name')?.value;
      if (named === undefined) continue;
      one.draft.destinations.push({
        clause: `--name ${named}`,
        ...(other.draft.isolation.place !== undefined && { place: other.draft.isolation.place }),
        host: named,
        port: 'any',
        protocol: 'any',
        addresses: [],
        services: servicesOf(other.line.image?.text, named),
        shared: drafts.length > 2 || one.draft.several !== undefined,
      });
    }
}

/** The engine that a command starts, and the words behind it. */
function engineOf(command: Command): { engine: Engine; words: readonly Word[] } | undefined {
  let at = 0;
  let asRoot = false;
  for (;;) {
    const word = command[at];
    if (word === undefined) return undefined;
    const valued = BEFORE.get(word.text);
    if (valued === undefined) break;
    if (/^(sudo|doas)$/.test(word.text)) asRoot = true;
    at += 1;
    while (command[at] !== undefined && /^-|^[A-Za-z_]\w*=/.test((command[at] as Word).text)) {
      const option = (command[at] as Word).text;
      at += /^-[A-Za-z]$/.test(option) && valued.includes(option[1] as string) ? 2 : 1;
    }
    if (word.text === 'timeout') at += 1;
  }
  const name = /^(?:.*\/)?(docker|podman|nerdctl)(?:\.exe|-remote)?$/.exec((command[at] as Word).text)?.[1];
  if (name === undefined) return undefined;
  at += 1;
  while (command[at]?.text.startsWith('-')) at += GLOBAL.has((command[at] as Word).text) ? 2 : 1;
  return { engine: { name: name as Engine['name'], asRoot }, words: command.slice(at) };
}
