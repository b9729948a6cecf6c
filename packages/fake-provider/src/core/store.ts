import type { Answer } from './exchange.ts';
import type { Json } from './json.ts';

/** An answer that can be fetched later by its id. */
export interface StoredAnswer {
  /** The answer in JSON. */
  readonly answer: Answer;
  /** The same as a stream. */
  readonly frames: readonly string[];
  /** The body while the work goes on. */
  readonly pending: Json;
  /** Retrievals that still see the pending body. */
  pollsLeft: number;
}

/** Answers by id; past its size the oldest is forgotten. */
export class AnswerStore {
  readonly #answers = new Map<string, StoredAnswer>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  put(id: string, answer: StoredAnswer): void {
    this.#answers.set(id, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#size && oldest !== undefined) this.#answers.delete(oldest);
  }

  get(id: string): StoredAnswer | undefined {
    return this.#answers.get(id);
  }

  clear(): void {
    this.#answers.clear();
  }
}
