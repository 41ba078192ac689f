/**
 * A git server: git's own http-backend behind an HTTPS handler (CGI, RFC 3875).
 *
 * @module
 */
import { execFileSync, spawn } from 'node:child_process';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

const git = (cwd: string, ...words: string[]) =>
  execFileSync('git', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** Makes a bare repository `NAME.git` with one commit below `root`; pushes to it are taken. */
export function makeRepository(root: string, name: string): void {
  const bare = join(root, `${name}.git`);
  git(root, 'init', '-q', '--bare', '-b', 'main', bare);
  git(bare, 'config', 'http.receivepack', 'true');
  const tree = execFileSync('git', ['mktree'], { cwd: bare, input: '', encoding: 'utf8' }).trim();
  const person = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  git(bare, 'update-ref', 'refs/heads/main', git(bare, ...person, 'commit-tree', tree, '-m', 'first'));
}

/** Subjects of the commits of a repository's main branch, newest first. */
export const subjects = (root: string, name: string): string[] =>
  git(join(root, `${name}.git`), 'log', '--format=%s', 'main').split('\n');

/** Digest of a file as the repository has it. */
export const blobOf = (root: string, name: string, path: string): string =>
  git(join(root, `${name}.git`), 'rev-parse', `main:${path}`);

export function gitHandler(root: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'https://git.example.com');
    const { headers } = request;
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        // the repository's owner is whoever runs the tests; the folder above may be somebody else's
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
        REQUEST_METHOD: request.method,
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: headers['content-type'],
        ...(headers['content-length'] !== undefined && { CONTENT_LENGTH: headers['content-length'] }),
        ...(headers['content-encoding'] !== undefined && {
          HTTP_CONTENT_ENCODING: headers['content-encoding'],
        }),
        GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => {});
    request.pipe(child.stdin);
    let head = Buffer.alloc(0);
    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      child.stdout.off('data', onHead);
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', ...value] = line.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value.join(': '), 10);
        else response.setHeader(name, value.join(': '));
      }
      response.write(head.subarray(end + 4));
      child.stdout.pipe(response);
    };
    child.stdout.on('data', onHead);
  };
}
