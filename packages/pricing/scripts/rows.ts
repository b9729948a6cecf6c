/** What every source is turned into before it is merged. Rates are in the units of the encoded book. */
import type { EncodedRates, EncodedTier } from '../src/book/encoded.ts';

export interface SourcePeriod {
  /** ISO; absent: always. */
  readonly from?: string;
  readonly rates: EncodedRates;
  readonly tiers?: readonly EncodedTier[];
  readonly schedule?: string;
  readonly peak?: EncodedRates;
}

/** How strongly a source says that an id is a row: its own id, listed, derived from a rule of the source. */
export type Claim = 'id' | 'listed' | 'derived';

export interface SourceRow {
  readonly seller: string;
  readonly model: string;
  /** Other ids of the row. */
  readonly ids: ReadonlyMap<string, Claim>;
  readonly snapshots: boolean;
  readonly periods: readonly SourcePeriod[];
  readonly free?: boolean;
  readonly unpriced?: string;
  readonly estimated?: boolean;
  /** `genai-prices@0.1.8`, `pi-ai@1.5.2`, `overlay`. */
  readonly origin: string;
  readonly url?: string;
  /** Where the figures were read, for the report. */
  readonly source: string;
  readonly disputes?: string;
}

/** Stops the generation with every problem found in one step. */
export function failOn(problems: readonly string[], what: string): void {
  if (problems.length === 0) return;
  throw new Error(`${what}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}
