/**
 * A map that forgets what was not used for longest, and counts it.
 *
 * @module
 */
export class Bounded<Key, Value> {
  readonly #map = new Map<Key, Value>();
  readonly #max: number;
  #lost = 0;

  constructor(max: number) {
    this.#max = max;
  }

  has(key: Key): boolean {
    return this.#map.has(key);
  }

  get(key: Key): Value | undefined {
    const value = this.#map.get(key);
    if (value !== undefined) {
      this.#map.delete(key);
      this.#map.set(key, value);
    }
    return value;
  }

  set(key: Key, value: Value): void {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size <= this.#max) return;
    const [oldest] = this.#map.keys();
    if (oldest !== undefined) this.#map.delete(oldest);
    this.#lost += 1;
  }

  delete(key: Key): void {
    this.#map.delete(key);
  }

  getOr(key: Key, make: () => Value): Value {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.set(key, made);
    return made;
  }

  values(): IterableIterator<Value> {
    return this.#map.values();
  }

  /** How many were forgotten since it was last asked. */
  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}
