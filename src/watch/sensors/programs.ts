/**
 * What was last executed by each process, for the parents of later ones. The oldest are forgotten.
 *
 * @module
 */
export interface Program {
  image: string;
  commandLine: string;
}

const KEPT = 65_536;

export class Programs {
  readonly #byProcess = new Map<string, Program>();

  get(host: string, pid: number | undefined): Program | undefined {
    return pid === undefined ? undefined : this.#byProcess.get(`${host} ${pid}`);
  }

  set(host: string, pid: number | undefined, program: Program): void {
    if (pid === undefined) return;
    const key = `${host} ${pid}`;
    this.#byProcess.delete(key);
    this.#byProcess.set(key, program);
    if (this.#byProcess.size <= KEPT) return;
    const [oldest] = this.#byProcess.keys();
    if (oldest !== undefined) this.#byProcess.delete(oldest);
  }
}
