/** Claims in Redis: one hash, in which the first to set a field tells of the edge. */
import { type Claim, claimIdOf } from '../state.ts';
import { pairs } from './hashes.ts';
import type { KeySpace } from './key-space.ts';

/** How long a claim without end is remembered, and one with an end after it. */
const KEEP_MS = 32 * 86_400_000;

export class RedisClaims {
  readonly #space: KeySpace;
  readonly #key: string;

  constructor(space: KeySpace) {
    this.#space = space;
    this.#key = space.key('edges');
  }

  /** The claim that stands. Where Redis does not answer, each process tells of its own. */
  async claim(claim: Claim): Promise<Claim> {
    const field = claimIdOf(claim);
    const created = await this.#space.command(['HSETNX', this.#key, field, JSON.stringify(claim)]);
    if (created === undefined || Number(created) === 1) return claim;
    return parsed(await this.#space.command(['HGET', this.#key, field])) ?? { ...claim };
  }

  /** All that are remembered; the others are removed. */
  async all(): Promise<Claim[]> {
    const all = await this.#space.command(['HGETALL', this.#key]);
    const oldest = Date.now() - KEEP_MS;
    const claims: Claim[] = [];
    for (const [field, text] of pairs(all)) {
      const claim = parsed(text);
      if (claim && (claim.end ?? claim.at) > oldest) claims.push(claim);
      else void this.#space.command(['HDEL', this.#key, field]);
    }
    return claims;
  }

  release(claim: Claim): void {
    void this.#space.command(['HDEL', this.#key, claimIdOf(claim)]);
  }
}

function parsed(text: unknown): Claim | undefined {
  try {
    return JSON.parse(String(text)) as Claim;
  } catch {
    return undefined;
  }
}
