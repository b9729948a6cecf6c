/** A bounded memory of what was worked out under the configuration that holds now. */
import { type AttributionConfig, attributionConfig } from './config.ts';

export class Memo<K, V> {
  readonly #max: number;
  readonly #kept = new Map<K, V>();
  #config: AttributionConfig | undefined;

  /** `max`: what comes after that many is worked out anew each time. */
  constructor(max: number) {
    this.#max = max;
  }

  of(key: K, make: (config: AttributionConfig) => V): V {
    const config = attributionConfig();
    if (config !== this.#config) {
      this.#config = config;
      this.#kept.clear();
    }
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = make(config);
    if (this.#kept.size < this.#max) this.#kept.set(key, made);
    return made;
  }
}
