/** A row of the price table: what one id of one seller costs, in rates per million tokens. */
import type { MeterName, Row } from '@tokenmeter/pricing';

/** Meters that a span can express, and how a row names their rates (USD per million tokens). */
export const RATE_KEYS: Readonly<Partial<Record<MeterName, string>>> = {
  input: 'in',
  output: 'out',
  cacheRead: 'read',
  cacheWrite: 'write',
  reasoning: 'think',
  audioInput: 'audio_in',
  imageInput: 'image_in',
  audioOutput: 'audio_out',
  imageOutput: 'image_out',
  audioCacheRead: 'audio_read',
  imageCacheRead: 'image_read',
};

/** A row, or a part of one. Numbers are doubles in the collector's language. */
export interface PriceRow {
  /** Rates by {@link RATE_KEYS}, without those that {@link STAND_INS} give; the fee of a request is `request`, USD. */
  readonly rates: Readonly<Record<string, number>>;
  /** Every amount is an estimate. */
  readonly estimated?: boolean;
  readonly free?: boolean;
  /** Snapshots of the id (with a date at its end) are this row, too. */
  readonly snapshots?: boolean;
  /** A write to the cache that lives for an hour costs something else, and a span cannot say it. */
  readonly longWrites?: boolean;
  /** Rates for prompts of more tokens. */
  readonly tier?: { readonly above: number; readonly ambiguousAt?: number; readonly row: PriceRow };
  /** Rates by the service that the response names. */
  readonly services?: Readonly<Record<string, PriceRow>>;
  /** Rates at some hours. */
  readonly peak?: { readonly clock: Clock; readonly row: PriceRow };
  /** Rates from a time on, Unix seconds. */
  readonly next?: { readonly from: number; readonly row: PriceRow };
}

export type Schedule = NonNullable<Row['periods'][number]['schedule']>;

/** When a seller's peak hours are: {@link Schedule} as plain lists. */
export interface Clock extends Pick<Schedule, 'offsetHours' | 'windows' | 'holidaysUntil'> {
  readonly days: readonly number[];
  readonly holidays: readonly string[];
}

export interface StandIn {
  /** The rate that a row may lack, and the one that it is then. In this order: the later ones build on the earlier. */
  readonly key: string;
  readonly other: string;
  /** An amount that is made with it is an estimate; otherwise providers bill it so by rule. */
  readonly estimate: boolean;
}

/** As the engine's own table of meters has them. */
export const STAND_INS: readonly StandIn[] = [
  { key: 'read', other: 'in', estimate: true },
  { key: 'write', other: 'in', estimate: true },
  { key: 'audio_in', other: 'in', estimate: true },
  { key: 'audio_out', other: 'out', estimate: true },
  { key: 'think', other: 'out', estimate: false },
  { key: 'image_in', other: 'in', estimate: false },
  { key: 'image_out', other: 'out', estimate: false },
  { key: 'audio_read', other: 'read', estimate: false },
  { key: 'image_read', other: 'read', estimate: false },
];
