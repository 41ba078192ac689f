/**
 * Planted files that somebody else runs, loads or obeys.
 *
 * @module
 */
import { type Family, nameOf, OUT, planted, safe } from './answers.ts';

/**
 * Triggers: in a direct workspace, whoever runs the file acts for the agent with their own rights and network, outside of
 * the cell, after the run as well; the workspace is somebody's data, and other cells may be given it. The twin is the same
 * contract over an overlay, where nothing lands but what a person applies.
 */
function triggers(
  family: string,
  about: string,
  rows: readonly (readonly [id: string, write: string])[],
): Family {
  return {
    family,
    about,
    cases: rows.flatMap(([id, write], index) => [
      planted(
        `${nameOf(id)}-direct`,
        id,
        { files: { workspace: { mode: 'direct' }, ...(write !== '**' && { write: [write] }) } },
        OUT,
      ),
      safe(
        `${nameOf(id)}-overlay`,
        id,
        {
          files: { ...(write !== '**' && { write: [write] }), ...(index % 3 === 0 && { hide: ['.env'] }) },
          ...(index % 4 === 1 && { programs: ['sh', 'bash', 'git', 'make', 'python3', 'node'] }),
          ...(index % 4 === 2 && { environment: { set: { NOTE: 'plain' } } }),
        },
        OUT,
      ),
    ]),
  };
}

export const PEOPLE = triggers(
  'triggers-people',
  'Files that a person’s tools run or load, in a workspace that is written directly; over an overlay in the twin.',
  [
    ['git.hook', '.git/**'],
    ['git.hooks-path', '**'],
    ['git.fsmonitor', '.git/**'],
    ['git.alias', '**'],
    ['git.filter', '**'],
    ['git.hook-manager', '.husky/**'],
    ['git.embedded-bare', 'vendor/**'],
    ['build.make', 'tools/**'],
    ['build.cmake', 'src/**'],
    ['build.configure', '**'],
    ['build.bazel', 'src/**'],
    ['build.dockerfile', 'deploy/**'],
    ['build.compose', 'deploy/**'],
    ['build.terraform', 'infra/**'],
    ['editors.vscode-tasks', '.vscode/**'],
    ['editors.vscode-settings', '.vscode/**'],
    ['editors.devcontainer', '.devcontainer/**'],
    ['editors.jetbrains', '.idea/**'],
    ['editors.emacs', 'docs/**'],
    ['editors.gdb', 'src/**'],
    ['packages.npm-lifecycle', '**'],
    ['packages.npm-scripts', 'packages/**'],
    ['packages.node-modules', 'node_modules/**'],
    ['packages.setup-py', 'lib/**'],
    ['packages.pth', 'lib/**'],
    ['packages.sitecustomize', 'lib/**'],
    ['packages.cargo-build-script', 'crates/**'],
    ['packages.gemfile', '**'],
    ['packages.gradle', 'app/**'],
    ['shell.bashrc', '**'],
    ['shell.direnv', 'src/**'],
    ['shell.tmux-screen', '**'],
    ['tests.conftest', 'test/**'],
    ['tests.jest', 'test/**'],
    ['tests.exit-tool', 'bin/**'],
  ],
);

export const OTHERS = triggers(
  'triggers-others',
  'Files that services, build machines and other agents run or obey, in a workspace that is written directly (any folder of it can hold a repository with hooks, too); over an overlay in the twin.',
  [
    ['ci.github-actions', '.github/**'],
    ['ci.gitlab', '**'],
    ['ci.circleci', '.circleci/**'],
    ['ci.jenkins', 'jobs/**'],
    ['ci.buildkite', '.buildkite/**'],
    ['ci.argo', 'deploy/**'],
    ['agents.claude-settings', '.claude/**'],
    ['agents.agents-md', 'docs/**'],
    ['agents.mcp-json', '**'],
    ['agents.cursor-rules', '.cursor/**'],
    ['agents.contract', 'agents/**'],
    ['host.crontab', 'etc/**'],
    ['host.systemd-user', 'units/**'],
    ['host.autostart', 'dotfiles/**'],
  ],
);
