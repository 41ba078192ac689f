/**
 * Files of variables, `NAME=VALUE` a line.
 *
 * Source: Docker CLI reference, docker container run, --env-file; Compose documentation, .env file syntax.
 *
 * @module
 */

/** Names with their values; `undefined` where the operator's own is passed on. */
export function variableNames(text: string): [name: string, value: string | undefined][] {
  return text.split('\n').flatMap((line): [string, string | undefined][] => {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:=(.*))?$/.exec(line.replace(/\r$/, ''));
    if (match === null || line.trimStart().startsWith('#')) return [];
    return [[match[1] as string, match[2]?.trim().replace(/^(["'])(.*)\1$/, '$2')]];
  });
}
