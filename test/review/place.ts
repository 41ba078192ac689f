/**
 * A place with a project in it, for reviews of real runs: what the tests of this folder share.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type Identity, Place, type Result, ROOT } from '../run/place.ts';

export const PROGRAM = join(ROOT, 'ringfence');

export interface ReviewedItem {
  path: string;
  pathBase64?: string;
  kind: string;
  section: string;
  notes: string[];
  refusal?: string;
  originalChanged?: boolean;
}

export class ReviewPlace extends Place {
  /** Makes the project by a script, as the place's user. */
  async build(script: string): Promise<void> {
    const { code, stderr } = await this.start(['bash', '-ec', script], { within: 120 }).result;
    if (code !== 0) throw new Error(stderr);
  }

  /** Lets an agent's script change the project in a cell. */
  async agent(script: string, contract = '', within = 120): Promise<Result> {
    const result = await this.run(['bash', '-ec', script], { contract, within });
    if (result.code !== 0) throw new Error(`${result.code}: ${result.stdout}${result.stderr}`);
    return result;
  }

  async review(): Promise<{ digest: string; items: ReviewedItem[] }> {
    const { stdout, stderr, code } = await this.start([PROGRAM, 'review', '--json'], { within: 120 }).result;
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(Buffer.from(stdout, 'latin1').toString());
  }

  ringfence(...args: string[]): Promise<Result> {
    return this.start([PROGRAM, ...args], { within: 120 }).result;
  }

  /** Reviews, then applies with the digest. */
  async apply(...args: string[]): Promise<Result> {
    return this.ringfence('apply', 'latest', '--digest', (await this.review()).digest, ...args);
  }

  /** The project as text: types, modes, owners, targets, sizes, content. */
  tree(folder = this.project): string {
    const script =
      'cd "$1" && find . -mindepth 1 -printf "%p %y %m %U %l\\0" | sort -z && find . -type f -size -1G -exec sha256sum -z {} + | sort -z';
    return execFileSync('bash', ['-c', script, 'sh', folder], {
      encoding: 'latin1',
      maxBuffer: 1 << 28,
    }).replaceAll('\0', '\n');
  }
}

export type { Identity };
