/**
 * A shell script as the simple commands that it would run, in order, with what each reads, writes and is piped to. What is
 * inside `sh -c`, `eval`, `find -exec`, here-documents given to a shell, or decoded and piped into one, is read too.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { Command, ParsedScript, Pipeline, Redirection, SyntaxNode } from 'unbash';
import { takesAll } from './find.ts';
import { outputOf } from './output.ts';
import { ENCODERS, type Variables, wordValue } from './words.ts';
import { basename, unwrap } from './wrappers.ts';

export interface SimpleCommand {
  /** program and arguments, wrappers taken away */
  words: string[];
  /** as it was written, wrappers and all */
  given: string[];
  /** true: every word is as it will be */
  constant: boolean;
  wrappers: string[];
  environment: string[];
  /** files that its input comes from, and that its output goes to */
  inputs: string[];
  outputs: string[];
  /** text on its standard input, where that is known */
  input?: string;
  /** some of its words or its input were decoded by a substitution */
  decoded?: boolean;
  /** programs before and after it in its pipeline */
  pipedFrom: string[];
  pipedTo: string[];
  /** how the text of this command came about: `decoded` (base64 and the like), `eval`, `sh`, `find`, `ssh` */
  through: string[];
}

/** Scripts within scripts that are read, and simple commands of one text at most. */
const DEPTH = 8;
const MOST = 2000;
/** Words of a `for` that its body is read with. */
const ROUNDS = 8;
/** Longest script that is parsed, characters. */
const LONGEST = 262_144;

export const SHELLS: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'dash',
  'zsh',
  'ksh',
  'ash',
  'mksh',
  'rbash',
]);

export interface Reading {
  commands: SimpleCommand[];
  /** false: the text is longer or deeper than what is read, or is no shell script */
  whole: boolean;
}

type Bash = typeof import('./bash.ts');

/** A constant that is made when it is first asked for. */
function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The parser, loaded with the first script. The build puts it beside the folder of the chunks. */
const bash = lazily((): Bash => {
  const load = createRequire(import.meta.url);
  return load(import.meta.url.endsWith('.ts') ? './bash.ts' : '../bash.js') as Bash;
});

interface Walk extends Reading {
  variables: Variables;
  depth: number;
  through: string[];
}

/** @param home what `~` and `$HOME` stand for */
export function readScript(text: string, home: string | undefined, through: string[] = []): Reading {
  const variables: Variables = new Map(home === undefined ? [] : [['HOME', home]]);
  const walk: Walk = { commands: [], whole: true, variables, depth: 0, through };
  walkText(text, walk);
  return { commands: walk.commands, whole: walk.whole };
}

/** A program and its arguments as they were executed. */
export function readArguments(argv: readonly string[], home: string | undefined): Reading {
  const variables: Variables = new Map(home === undefined ? [] : [['HOME', home]]);
  const walk: Walk = { commands: [], whole: true, variables, depth: 0, through: [] };
  add({ ...EMPTY, words: [...argv], constant: true }, walk);
  return { commands: walk.commands, whole: walk.whole };
}

const EMPTY = {
  given: [],
  wrappers: [],
  environment: [],
  inputs: [],
  outputs: [],
  pipedFrom: [],
  pipedTo: [],
  through: [],
} satisfies Partial<SimpleCommand>;

function walkText(text: string, walk: Walk): void {
  if (text.length > LONGEST || walk.depth > DEPTH) {
    walk.whole = false;
    return;
  }
  // where it cannot be loaded no script can be judged: that is no fault of this one, and is told
  const { parse } = bash();
  let script: ParsedScript;
  try {
    script = parse(text);
  } catch {
    // a parser's fault must not stop the watch; what could not be read is told
    walk.whole = false;
    return;
  }
  if (script.errors !== undefined && script.errors.length > 0) walk.whole = false;
  visit(script, walk);
}

function visit(node: SyntaxNode, walk: Walk): void {
  if (walk.commands.length >= MOST) {
    walk.whole = false;
    return;
  }
  if (node.type === 'Pipeline') {
    visitPipeline(node, walk);
  } else if (node.type === 'Command') {
    visitCommand(node, walk, { pipedFrom: [], pipedTo: [] });
  } else if (node.type === 'For' && node.wordlist !== undefined) {
    const values = node.wordlist.slice(0, ROUNDS).map((word) => wordValue(word, walk.variables).text);
    for (const value of values) {
      walk.variables.set(node.name.value, value);
      visit(node.body, walk);
    }
    walk.variables.delete(node.name.value);
  } else {
    bash().forEachChild(node, (child) => visit(child, walk));
  }
}

const programOf = (node: SyntaxNode, variables: Variables): string => {
  if (node.type !== 'Command' || node.name === undefined) return node.type.toLowerCase();
  const words = [node.name, ...node.args.filter((word) => word.type === 'Word')].map(
    (word) => wordValue(word, variables).text,
  );
  const [program = '', first] = unwrap(words).words;
  // what encrypts a file and what connects are one program
  return basename(program) === 'openssl' && first === 's_client' ? 'openssl s_client' : basename(program);
};

function visitPipeline({ commands }: Pipeline, walk: Walk): void {
  const programs = commands.map((node) => programOf(node, walk.variables));
  let carried: string | undefined;
  commands.forEach((node, index) => {
    const around = { pipedFrom: programs.slice(0, index), pipedTo: programs.slice(index + 1) };
    if (node.type === 'Command') carried = visitCommand(node, walk, around, carried);
    else {
      carried = undefined;
      const before = walk.commands.length;
      bash().forEachChild(node, (child) => visit(child, walk));
      for (const command of walk.commands.slice(before)) {
        command.pipedFrom.unshift(...around.pipedFrom);
        command.pipedTo.push(...around.pipedTo);
      }
    }
  });
}

/** Gives what the command prints, where that is known. */
function visitCommand(
  node: Command,
  walk: Walk,
  around: { pipedFrom: string[]; pipedTo: string[] },
  carried?: string,
): string | undefined {
  const { variables } = walk;
  for (const part of node.prefix) {
    if (part.type !== 'Assignment' || part.value.type !== 'Word' || part.index !== undefined) continue;
    const known = wordValue(part.value, variables);
    if (node.name === undefined) assign(part.name, known.constant ? known.text : undefined, walk);
  }
  // substitutions run, too
  const { forEachChild } = bash();
  for (const word of [node.name, ...node.suffix, ...node.prefix]) {
    if (word !== undefined) forEachChild(word, (child) => visitSubstitution(child, walk));
  }
  if (node.name === undefined) {
    // `> file` alone empties it
    const redirected = redirects(node.redirects, variables);
    if (redirected.outputs.length > 0)
      walk.commands.push({
        ...EMPTY,
        ...around,
        ...redirected,
        words: [':'],
        constant: true,
        through: walk.through,
      });
    return undefined;
  }
  const known = [node.name, ...node.args.filter((word) => word.type === 'Word')].map((word) =>
    wordValue(word, variables),
  );
  for (const word of node.args) {
    if (word.type !== 'Assignment') continue;
    const value = word.value.type === 'Word' ? wordValue(word.value, variables) : undefined;
    known.push({ text: `${word.name}=${value?.text ?? ''}`, constant: value?.constant ?? false });
    if (/^(export|declare|local|readonly|typeset)$/.test(node.name.value))
      assign(word.name, value?.constant ? value.text : undefined, walk);
  }
  const { inputs, outputs, text, decoded } = redirects(node.redirects, variables);
  if (node.name.value === 'exec' && known.length === 1) keepOpen(node.redirects, walk);
  const input = text ?? carried;
  const command: SimpleCommand = {
    ...EMPTY,
    ...around,
    // one word unquoted that holds several is several: `x="rm -rf /"; $x`
    words: [...splitFirst(node, known[0]?.text ?? ''), ...known.slice(1).map((word) => word.text)],
    constant: known.every(({ constant }) => constant),
    environment: node.prefix.flatMap((part) => (part.type === 'Assignment' ? [`${part.name}=`] : [])),
    inputs,
    outputs,
    ...(input !== undefined && { input }),
    ...((decoded || known.some((word) => word.decoded)) && { decoded: true }),
    through: walk.through,
  };
  add(command, walk);
  return outputOf(command.words, input);
}

const splitFirst = (node: Command, text: string): string[] => {
  const [first] = node.name?.parts ?? [];
  return first?.type === 'SimpleExpansion' ||
    first?.type === 'ParameterExpansion' ||
    first?.type === 'CommandExpansion'
    ? text.split(/\s+/).filter((word) => word !== '')
    : [text];
};

function assign(name: string, value: string | undefined, { variables }: Walk): void {
  if (value === undefined || variables.size > 1000) variables.delete(name);
  else variables.set(name, value);
}

function visitSubstitution(node: SyntaxNode, walk: Walk): void {
  if (node.type === 'CommandExpansion' || node.type === 'ProcessSubstitution') {
    const { script } = node;
    if (script !== undefined) visit(script, walk);
  } else bash().forEachChild(node, (child) => visitSubstitution(child, walk));
}

function redirects(
  list: readonly Redirection[],
  variables: Variables,
): { inputs: string[]; outputs: string[]; text?: string; decoded?: boolean } {
  let decoded: boolean | undefined;
  const inputs: string[] = [];
  const outputs: string[] = [];
  let text: string | undefined;
  for (const one of list) {
    if (one.type === 'HereDoc') text = one.body.text;
    else if (one.target === undefined) continue;
    else if (one.type === 'HereString') {
      const known = wordValue(one.target, variables);
      text = `${known.text}\n`;
      decoded = known.decoded;
    } else {
      let { text: target } = wordValue(one.target, variables);
      if (/^[<>]&$/.test(one.operator) && /^(\d+-?|-)$/.test(target)) {
        const opened = variables.get(`&${target}`);
        if (opened === undefined) continue;
        target = opened;
      }
      if (one.operator.startsWith('<')) inputs.push(target);
      if (one.operator !== '<' && one.operator !== '<&') outputs.push(target);
    }
  }
  return { inputs, outputs, ...(text !== undefined && { text }), ...(decoded && { decoded }) };
}

/** `exec 5<>/dev/tcp/…` stays open for what comes after it. */
function keepOpen(list: readonly Redirection[], { variables }: Walk): void {
  for (const one of list) {
    if (one.type !== 'Redirect' || one.descriptor?.type !== 'FileDescriptor' || variables.size > 1000)
      continue;
    if (one.target !== undefined)
      variables.set(`&${one.descriptor.value}`, wordValue(one.target, variables).text);
  }
}

/** Adds a command, and what it runs in its turn. */
function add(command: SimpleCommand, walk: Walk): void {
  const { words, wrappers, environment } = unwrap(command.words);
  const plain: SimpleCommand = {
    ...command,
    words,
    given: command.words,
    wrappers: [...command.wrappers, ...wrappers],
    environment: [...command.environment, ...environment],
  };
  walk.commands.push(plain);
  for (const { text, through } of scriptsOf(plain)) {
    walk.depth++;
    const outer = walk.through;
    walk.through = [...outer, through];
    walkText(text, walk);
    walk.through = outer;
    walk.depth--;
  }
  for (const nested of nestedOf(words)) {
    if (walk.depth < DEPTH)
      add({ ...plain, words: nested, wrappers: [], through: [...walk.through, 'find'] }, walk);
  }
}

/** Texts that a command hands to a shell. */
function scriptsOf({ words, input, pipedFrom, decoded }: SimpleCommand): { text: string; through: string }[] {
  const program = basename(words[0] ?? '');
  if (program === 'eval') return [{ text: words.slice(1).join(' '), through: decoded ? 'decoded' : 'eval' }];
  if (program === 'trap' && words.length > 2) return [{ text: words[1] ?? '', through: 'trap' }];
  if (program === 'ssh' || program === 'su') {
    const at = words.indexOf('-c');
    return program === 'su' && at > 0 ? [{ text: words[at + 1] ?? '', through: 'su' }] : [];
  }
  if (!SHELLS.has(program)) return [];
  const at = words.findIndex((word, index) => index > 0 && /^-[A-Za-z]*c$/.test(word));
  if (at > 0)
    return words[at + 1] === undefined
      ? []
      : [{ text: words[at + 1] ?? '', through: decoded ? 'decoded' : 'sh' }];
  const takesInput = words.slice(1).every((word) => word.startsWith('-'));
  if (!takesInput || input === undefined) return [];
  return [
    { text: input, through: decoded || pipedFrom.some((name) => ENCODERS.has(name)) ? 'decoded' : 'sh' },
  ];
}

/** Commands in the arguments of `find -exec` and its like. */
function nestedOf(words: readonly string[]): string[][] {
  if (basename(words[0] ?? '') !== 'find') return [];
  const nested: string[][] = [];
  const base = words[1]?.startsWith('-') ? '.' : (words[1] ?? '.');
  for (let at = 0; at < words.length; at++) {
    if (!/^-(exec|execdir|ok|okdir)$/.test(words[at] ?? '')) continue;
    const end = words.findIndex(
      (word, index) => index > at && (word === ';' || word === '+' || word === '\\;'),
    );
    const command = words.slice(at + 1, end < 0 ? undefined : end);
    // `{}` is what lies below: where nothing chooses, as much as the folder itself
    const found = takesAll(words.slice(0, at)) ? `${base}/*` : `${base}/found/by/find`;
    nested.push(command.map((word) => word.replaceAll('{}', found)));
  }
  return nested;
}
