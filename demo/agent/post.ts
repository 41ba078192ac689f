/**
 * Posts a file over HTTP: `post.ts HOST:PORT FILE`.
 *
 * @module
 */
import { readFileSync } from 'node:fs';

const [endpoint = '', file = ''] = process.argv.slice(2);
try {
  const response = await fetch(`http://${endpoint}/drop`, {
    method: 'POST',
    body: readFileSync(file),
    signal: AbortSignal.timeout(5000),
  });
  console.log(`drop ${endpoint}: answered ${response.status}`);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
  console.log(`drop ${endpoint}: ${cause.message}`);
  process.exitCode = 1;
}
