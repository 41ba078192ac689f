/**
 * Completion scripts for bash, zsh and fish, written from the command table. They are static: completing starts no
 * Node, only, for run ids, a listing of the folder of runs.
 *
 * @module
 */
import { shellWord } from '../contract/index.ts';
import {
  COMMANDS,
  type CommandSpec,
  GLOBAL_OPTIONS,
  GROUPS,
  type OptionSpec,
  type ValueKind,
} from './table.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

const SPECS: readonly CommandSpec[] = COMMANDS;
const HELP: OptionSpec = { name: 'help', short: 'h', summary: 'Print help.' };
const optionsOf = (spec: CommandSpec): OptionSpec[] => [...spec.options, ...GLOBAL_OPTIONS, HELP];
const firstWords = (): string[] => [
  ...new Set(SPECS.map((spec) => spec.name.split(' ')[0] as string)),
  'help',
];
const secondWords = (first: string): string[] =>
  SPECS.filter((spec) => spec.name.startsWith(`${first} `)).map((spec) => spec.name.split(' ')[1] as string);
const groups = (): string[] => firstWords().filter((word) => secondWords(word).length > 0);
const summaryOf = (word: string): string =>
  SPECS.find((spec) => spec.name === word)?.summary ?? GROUPS[word] ?? 'Print help for a command.';
const RUNS = `\${XDG_STATE_HOME:-$HOME/.local/state}/ringfence/runs`;

// --- bash ---------------------------------------------------------------------------------------------------------

function bashValues(kind: ValueKind | undefined): string {
  if (Array.isArray(kind)) return `COMPREPLY=($(compgen -W '${kind.join(' ')}' -- "$word"))`;
  if (kind === 'file') return 'COMPREPLY=($(compgen -f -- "$word"))';
  if (kind === 'folder') return 'COMPREPLY=($(compgen -d -- "$word"))';
  if (kind === 'run') return `COMPREPLY=($(compgen -W "$(ls -t "${RUNS}" 2>/dev/null)" -- "$word"))`;
  return 'COMPREPLY=()';
}

function bashCommand(spec: CommandSpec): string {
  const names = optionsOf(spec).map((option) => `--${option.name}`);
  const lines = [`    '${spec.name}')`, '      case $previous in'];
  for (const option of spec.options.filter((candidate) => candidate.value !== undefined)) {
    const patterns = option.short ? `--${option.name} | -${option.short}` : `--${option.name}`;
    lines.push(`        ${patterns}) ${bashValues(option.kind)}; return ;;`);
  }
  lines.push('      esac');
  lines.push(`      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '${names.join(' ')}' -- "$word"))`);
  lines.push(`      else ${bashValues(spec.passThrough ? 'file' : spec.arguments[0]?.kind)}; fi ;;`);
  return lines.join('\n');
}

function bash(): string {
  const pairs = groups().map(
    (group) =>
      `    ${group}) if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W '${secondWords(group).join(' ')}' -- "$word")); return; fi; command="${group} \${COMP_WORDS[2]}" ;;`,
  );
  // From the program on, complete what the program would: its own words are none of our business.
  const through = SPECS.filter((spec) => spec.passThrough).map((spec) => spec.name);
  return `# bash completion for ringfence. Load it with: . <(ringfence completion bash)
_ringfence() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} index
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${[...firstWords(), '--help', '--version'].join(' ')}' -- "$word"))
    return
  fi
  case $command in
${pairs.join('\n')}
  esac
  if [[ ' ${through.join(' ')} ' == *" $command "* ]]; then
    for ((index = 2; index < COMP_CWORD; index++)); do
      if [[ \${COMP_WORDS[index]} == -- ]]; then
        if ((index + 1 == COMP_CWORD)); then COMPREPLY=($(compgen -c -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
        return
      fi
    done
  fi
  case $command in
${SPECS.map(bashCommand).join('\n')}
    help) COMPREPLY=($(compgen -W '${firstWords().join(' ')}' -- "$word")) ;;
  esac
}
complete -o filenames -o bashdefault -F _ringfence ringfence
`;
}

// --- zsh ----------------------------------------------------------------------------------------------------------

const zshText = (text: string): string => text.replaceAll(/[[\]:\\]/g, '\\$&');

function zshAction(kind: ValueKind | undefined): string {
  if (Array.isArray(kind)) return `(${kind.join(' ')})`;
  if (kind === 'file') return '_files';
  if (kind === 'folder') return '_files -/';
  return kind === 'run' ? '_ringfence_runs' : '';
}

function zshArguments(spec: CommandSpec): string {
  const parts = optionsOf(spec).flatMap((option) => {
    const tail = option.value === undefined ? '' : `:${option.value}:${zshAction(option.kind)}`;
    const star = option.multiple ? '*' : '';
    const names = [`--${option.name}`, ...(option.short ? [`-${option.short}`] : [])];
    return names.map((name) => shellWord(`${star}${name}[${zshText(option.summary)}]${tail}`));
  });
  for (const [index, argument] of spec.arguments.entries()) {
    if (spec.passThrough) break;
    const place = argument.rest ? '*' : String(index + 1);
    parts.push(shellWord(`${place}:${zshText(argument.name)}:${zshAction(argument.kind)}`));
  }
  if (spec.passThrough) parts.push("'(-)1:program:_command_names -e'", "'*::arguments:_normal'");
  return `_arguments -s ${parts.join(' ')}`;
}

function zshList(words: string[], prefix = ''): string {
  return words.map((word) => shellWord(`${word}:${zshText(summaryOf(prefix + word))}`)).join(' ');
}

function zsh(): string {
  const single = SPECS.filter((spec) => !spec.name.includes(' '));
  const nested = groups().map((group) => {
    const cases = SPECS.filter((spec) => spec.name.startsWith(`${group} `));
    return `    ${group})
      if ((CURRENT == 2)); then
        local -a list=(${zshList(secondWords(group), `${group} `)})
        _describe command list
        return
      fi
      shift words; ((CURRENT--))
      case $words[1] in
${cases.map((spec) => `        ${spec.name.split(' ')[1]}) ${zshArguments(spec)} ;;`).join('\n')}
      esac ;;`;
  });
  return `#compdef ringfence
# zsh completion for ringfence. Load it with: source <(ringfence completion zsh)
_ringfence_runs() {
  local -a runs=("\${XDG_STATE_HOME:-$HOME/.local/state}"/ringfence/runs/*(N:t))
  compadd -a runs
}
_ringfence() {
  if ((CURRENT == 2)); then
    local -a list=(${zshList(firstWords())})
    _describe command list
    return
  fi
  shift words; ((CURRENT--))
  case $words[1] in
${single.map((spec) => `    ${spec.name}) ${zshArguments(spec)} ;;`).join('\n')}
${nested.join('\n')}
  esac
}
if [ "$funcstack[1]" = _ringfence ]; then _ringfence "$@"; else compdef _ringfence ringfence; fi
`;
}

// --- fish ---------------------------------------------------------------------------------------------------------

function fishValues(kind: ValueKind | undefined): string {
  if (Array.isArray(kind)) return ` -x -a ${shellWord(kind.join(' '))}`;
  if (kind === 'file') return ' -r -F';
  if (kind === 'folder') return " -x -a '(__fish_complete_directories)'";
  return kind === 'run' ? " -x -a '(__ringfence_runs)'" : ' -x';
}

function fishCommand(spec: CommandSpec): string[] {
  const condition = spec.name
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
  const start = `complete -c ringfence -n ${shellWord(condition)}`;
  const lines = optionsOf(spec).map((option) => {
    const short = option.short ? ` -s ${option.short}` : '';
    const value = option.value === undefined ? '' : fishValues(option.kind);
    return `${start} -l ${option.name}${short}${value} -d ${shellWord(option.summary)}`;
  });
  const kind = spec.arguments[0]?.kind;
  if (spec.passThrough) lines.push(`${start} -x -a '(__fish_complete_subcommand --fcs-skip=2)'`);
  else if (kind !== undefined && kind !== 'text') lines.push(`${start}${fishValues(kind)}`);
  return lines;
}

function fish(): string {
  const top = firstWords().map(
    (word) => `complete -c ringfence -n __fish_use_subcommand -x -a ${word} -d ${shellWord(summaryOf(word))}`,
  );
  const nested = groups().flatMap((group) =>
    secondWords(group).map((word) => {
      const none = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${secondWords(group).join(' ')}`;
      return `complete -c ringfence -n ${shellWord(none)} -x -a ${word} -d ${shellWord(summaryOf(`${group} ${word}`))}`;
    }),
  );
  return `# fish completion for ringfence. Load it with: ringfence completion fish | source
function __ringfence_runs
  set -l state $XDG_STATE_HOME
  test -n "$state"; or set state $HOME/.local/state
  command ls -t $state/ringfence/runs 2>/dev/null
end
complete -c ringfence -f
${[...top, ...nested, ...SPECS.flatMap(fishCommand)].join('\n')}
`;
}

/** The completion script for a shell, to be sourced by it. */
export function writeCompletion(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return zsh();
    case 'fish':
      return fish();
  }
}
