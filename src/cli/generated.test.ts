import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCompletion } from './completion.ts';
import { writeManual } from './manual.ts';
import { COMMANDS, type CommandSpec, type OptionSpec } from './table.ts';

const SPECS: readonly CommandSpec[] = COMMANDS;
const found = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

/** Asks bash what it would offer for a line. */
function offers(line: string[]): string[] {
  const script = `${writeCompletion('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ringfence; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const result = spawnSync('bash', ['--norc', '-c', script, 'bash', ...line], { encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return result.stdout.split('\n').filter((word) => word !== '');
}

describe('completion for bash', () => {
  it('offers commands', () => {
    expect(offers(['ringfence', 'ru'])).toEqual(['run', 'runs', 'rules']);
    expect(offers(['ringfence', 'log', ''])).toEqual([
      'show',
      'follow',
      'verify',
      'export',
      'erase',
      'prune',
    ]);
  });

  it('offers options and the values that are listed', () => {
    expect(offers(['ringfence', 'run', '--co'])).toEqual(['--contract']);
    expect(offers(['ringfence', 'log', 'export', '--format', ''])).toEqual([
      'jsonl',
      'csv',
      'ocsf',
      'otlp',
      'sarif',
    ]);
    expect(offers(['ringfence', 'completion', ''])).toEqual(['bash', 'zsh', 'fish']);
  });

  it('offers programs, not options, behind --', () => {
    expect(offers(['ringfence', 'run', '--', 'bas'])).toContain('bash');
    expect(offers(['ringfence', 'run', '--', '--co'])).toEqual([]);
  });
});

describe.each(['bash', 'zsh', 'fish'] as const)('completion for %s', (shell) => {
  const script = writeCompletion(shell);

  it('knows every command and option', () => {
    for (const spec of SPECS) {
      for (const option of spec.options as readonly OptionSpec[]) expect(script).toContain(option.name);
      for (const word of spec.name.split(' ')) expect(script).toContain(word);
    }
  });

  it.skipIf(!found(shell))(
    `is read by ${shell}${found(shell) ? '' : ' (skipped: not on this machine)'}`,
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'ringfence-completion-'));
      writeFileSync(join(folder, 'script'), script);
      const result = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
      rmSync(folder, { recursive: true });
      expect(result.stderr).toBe('');
      expect(result.status).toBe(0);
    },
  );
});

describe('the manual page', () => {
  const page = writeManual();

  it('has every command, option and exit code', () => {
    for (const spec of SPECS) {
      expect(page).toContain(`.SS ringfence ${spec.name.replaceAll('-', '\\-')}\n`);
      for (const option of spec.options as readonly OptionSpec[]) {
        expect(page).toContain(`\\fB\\-\\-${option.name.replaceAll('-', '\\-')}\\fR`);
      }
    }
  });

  it('is plain ASCII, so that every formatter prints it', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins there
    expect(page).toMatch(/^[\u0000-\u007f]*$/);
  });

  const formatter =
    found('man') && existsSync('/usr/bin/groff') ? ['man', '-l', '--warnings=w', '-'] : undefined;
  it.skipIf(!formatter)(
    `is formatted without a warning${formatter ? '' : ' (skipped: no man on this machine)'}`,
    () => {
      const [program, ...args] = formatter as string[];
      const result = spawnSync(program as string, args, {
        input: page,
        encoding: 'utf8',
        env: { ...process.env, MANPAGER: 'cat' },
      });
      expect(result.stderr).toBe('');
      expect(result.stdout).toContain('RINGFENCE(1)');
    },
  );
});
