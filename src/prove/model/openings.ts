/**
 * What a set-up hands in besides files and destinations: settings of its isolation, sockets, ports that lead inside, tools,
 * programs that run outside, channels to people.
 *
 * @module
 */
import type { Affordance, Catalogue } from '../catalogue/index.ts';
import { intersect } from '../patterns/index.ts';
import type { ContainerGrant } from '../setting/index.ts';
import type { FilesInput } from './files.ts';
import type { Sheet } from './sheet.ts';
import { standingOf } from './standing.ts';

export function addOpenings(sheet: Sheet, input: FilesInput): void {
  const { setting, catalogue } = input;
  for (const grant of setting.isolation.words) addWord(sheet, input, grant);
  addSockets(sheet, input);
  for (const inbound of setting.inbound) {
    const { port, inside, protocol, from } = inbound;
    const name = inside === 'any' ? 'every port' : `port ${inside}`;
    const who = {
      anyone: 'anyone who reaches the machine connects',
      machine: 'programs and people of the machine connect',
      neighbours: 'what shares the network connects',
    }[from];
    const by = port === inside || port === 'any' ? '' : `, over the machine’s port ${port}`;
    sheet.add(
      ['admits', 'agent', `${name}/${protocol}`, from],
      inbound,
      `${who} to ${name} inside${by} (${protocol})`,
    );
  }
  for (const tool of setting.tools) {
    const name = `${tool.server} ${tool.tool}`;
    const text =
      tool.tool === '*' ? `every tool of ${tool.server}` : `the tool ${tool.tool} of ${tool.server}`;
    sheet.add(
      tool.approved ? ['escalates', name] : ['calls', 'agent', name],
      tool,
      tool.approved ? `a person may allow a call of ${text}` : `the agent calls ${text}, unasked`,
    );
  }
  for (const person of setting.people)
    sheet.add(
      person.approved ? ['supervised', person.channel] : ['speaks', 'agent', person.channel],
      person,
      person.approved
        ? `a person reads and allows what goes out by ${person.channel}`
        : `the agent writes to people by ${person.channel}, unread by others`,
    );
  for (const { outside, program, ...source } of setting.programs)
    if (outside === true) addOutside(sheet, catalogue, program, source);
  if (!setting.oversight.recorded)
    sheet.add(
      ['unrecorded', setting.kind],
      setting.isolation,
      'nothing is said to keep a record of what the agent does',
    );
}

/** The entries of the catalogue that a setting of the isolation speaks for. */
function entriesOf(
  sheet: Sheet,
  { setting, catalogue, home }: FilesInput,
  { word, detail, clause }: ContainerGrant,
): Affordance[] {
  const isPath = detail?.startsWith('/') ?? false;
  const options = { base: '/', home };
  const below = isPath ? sheet.sought(itselfAndBelow(`${detail}`), options) : [];
  const isWritten = setting.files.some(
    (grant) =>
      grant.clause === clause && grant.space === 'machine' && grant.write && grant.lands === 'at once',
  );
  return catalogue.affordances.filter(({ id, family, match }) => {
    if (match.container?.includes(word) !== true || family === 'boundary') return false;
    if (word === 'hostDevice' && !isPath && detail !== undefined)
      return id === 'machine.gpu-devices' || !/gpu|nvidia|amd|rocm/i.test(detail);
    if (!isPath) return true;
    // of a folder that is mounted, its files are spoken of by themselves
    if (match.path === undefined) return word !== 'hostPath' || isWritten;
    const sought = sheet.sought(match.path, options);
    const common = intersect(below, sought);
    return !common.ok || common.word !== undefined;
  });
}

/** A path itself, and what lies below it. */
function itselfAndBelow(path: string): string[] {
  const clean = path.replace(/(.)\/+$/, '$1');
  return [clean, clean === '/' ? '/**' : `${clean}/**`];
}

function addWord(sheet: Sheet, input: FilesInput, grant: ContainerGrant): void {
  const { word, detail } = grant;
  const { setting } = input;
  // a port or a volume that is listed says more than the word for it
  const isListed = (list: readonly { clause: string }[]): boolean =>
    list.some(({ clause }) => clause === grant.clause);
  if (word === 'hostPort' && isListed(setting.inbound)) return;
  if (word === 'sharedVolume' && isListed(setting.files.filter(({ space }) => space === 'volume'))) return;
  const name = detail === undefined ? word : `${word} ${detail}`;
  const entries = entriesOf(sheet, input, grant);
  const { kind, text } = standingOf(word, setting);
  if (kind === 'neither') return;
  const said = detail === undefined ? text : `${text} (${detail})`;
  if (word === 'serviceAccountToken') {
    sheet.add(['knows', 'agent', name], grant, said);
    sheet.add(['label', name, 'confidential'], grant, `${word} gives rights to who has it`);
    for (const entry of entries) sheet.holds(name, entry, word);
    return;
  }
  if (kind === 'opens') {
    sheet.add(['opens', name], grant, said);
    for (const entry of entries) {
      sheet.add(['means', name, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${entry.prose}`);
      sheet.offers(entry);
    }
    return;
  }
  sheet.add(['weakens', name], grant, said);
}

/** Abstract sockets have names of a world of their own. */
const socketPath = (path: string): string => path.replace(/^@/, '/@/');

function addSockets(sheet: Sheet, { setting, catalogue, home }: FilesInput): void {
  const options = { base: '/', home };
  for (const socket of setting.sockets) {
    const { path } = socket;
    const pattern = sheet.pattern(socketPath(path), socket, options);
    if (pattern === undefined) continue;
    sheet.add(['connects', 'agent', path], socket, `the agent connects to the socket ${path}`);
    let isKnown = false;
    for (const entry of catalogue.affordances) {
      const sought = sheet.sought((entry.match.socket ?? []).map(socketPath), options);
      const common = intersect([pattern], sought);
      if (common.ok && common.word === undefined) continue;
      isKnown = true;
      sheet.add(['means', path, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${entry.prose}`);
      sheet.offers(entry);
    }
    if (!isKnown || /[*?[{]/.test(path))
      sheet.add(['unfamiliar', path], socket, `the catalogue does not know all that listens at ${path}`);
  }
}

/** Programs that run what they are told to: their manuals. Whoever may start one outside runs anything outside. */
const RUNS_ANYTHING =
  'sh bash dash zsh fish busybox env xargs find awk gawk sed vi vim nvim emacs less man make cmake ninja just npm npx pnpm yarn bun node deno python python3 pip pip3 uv pipx poetry perl ruby gem bundle php composer lua go cargo rustc java mvn gradle gcc cc git ssh scp rsync tar docker docker-compose podman nerdctl kubectl helm sudo su doas nohup timeout setsid watch tmux screen systemd-run crontab at gdb strace osascript open';

function addOutside(
  sheet: Sheet,
  { affordances }: Catalogue,
  program: string,
  source: { clause: string },
): void {
  const name = program.split(/\s/, 1)[0]?.split('/').at(-1) ?? program;
  sheet.add(
    ['delegates', 'agent', program],
    source,
    `${program} runs outside of the isolation, for the agent`,
  );
  if (program === 'any' || program === '*' || RUNS_ANYTHING.split(' ').includes(name))
    sheet.add(['shells', program], source, `${name} runs what it is told to`);
  for (const entry of affordances)
    if (entry.match.program?.includes(name)) {
      sheet.add(['opens', program], source, `${program} is started for the agent`);
      sheet.add(['means', program, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${entry.prose}`);
      sheet.offers(entry);
    }
}
