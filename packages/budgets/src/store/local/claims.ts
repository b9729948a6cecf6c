/**
 * Edges that were told of, as files that are created once: `edges/….json`. Who creates the file tells of the edge, whatever
 * the other processes of the host do at that moment.
 */
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Claim, claimIdOf } from '../state.ts';
import { isExisting } from './files.ts';

/** How long a claim without end is remembered, and one with an end after it. */
const KEEP_MS = 32 * 86_400_000;

export interface ClaimFolderOptions {
  readonly folder: string;
  readonly readOnly: boolean;
  /** Unix milliseconds. */
  readonly now: number;
  readonly onError: (error: unknown) => void;
}

export class ClaimFolder {
  readonly #folder: string;
  readonly #readOnly: boolean;
  readonly #onError: (error: unknown) => void;
  readonly #claims = new Map<string, Claim>();

  /** Reads what is there; throws where the folder cannot be made. */
  constructor({ folder, readOnly, now, onError }: ClaimFolderOptions) {
    this.#folder = folder;
    this.#readOnly = readOnly;
    this.#onError = onError;
    if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of names(folder)) {
      const claim = read(join(folder, name));
      if (claim === undefined) continue;
      if ((claim.end ?? claim.at) + KEEP_MS > now) this.#claims.set(claimIdOf(claim), claim);
      else if (!readOnly) rmSync(join(folder, name), { force: true });
    }
  }

  /** The claim that stands. Where the disk fails, each process tells of its own. */
  claim(claim: Claim): Claim {
    const id = claimIdOf(claim);
    const known = this.#claims.get(id);
    if (known) return known;
    const standing = this.#readOnly ? claim : this.#create(claim);
    this.#claims.set(id, standing);
    return standing;
  }

  all(): Claim[] {
    return [...this.#claims.values()];
  }

  /** When the account was last reset; 0 where it never was. */
  lastReset(key: string): number {
    let last = 0;
    for (const claim of this.#claims.values()) {
      if (claim.key === key && claim.what === 'reset' && claim.at > last) last = claim.at;
    }
    return last;
  }

  release(claim: Claim): void {
    this.#claims.delete(claimIdOf(claim));
    if (!this.#readOnly) rmSync(this.#pathOf(claim), { force: true });
  }

  #create(claim: Claim): Claim {
    const path = this.#pathOf(claim);
    try {
      const descriptor = openSync(path, 'wx', 0o600);
      writeFileSync(descriptor, JSON.stringify(claim));
      closeSync(descriptor);
      return claim;
    } catch (error) {
      // Created a moment ago, it may be empty still: it is another's in any case.
      if (isExisting(error)) return read(path) ?? { ...claim };
      this.#onError(error);
      return claim;
    }
  }

  #pathOf(claim: Claim): string {
    const name = createHash('sha256').update(claimIdOf(claim)).digest('hex').slice(0, 32);
    return join(this.#folder, `${name}.json`);
  }
}

function read(path: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
