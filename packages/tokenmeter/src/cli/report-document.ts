/**
 * What a report says, once for all formats: `tokenmeter.report/v1`. Money is decimal strings of USD; an amount is null
 * where no call of the row has one, never 0.
 */

import type { Summary, Sums } from '@tokenmeter/ledger';
import type { CostStatus } from '@tokenmeter/pricing';
import { exactUsd, percent, roundedUsd } from './format.ts';
import type { Query } from './query.ts';
import { shares, shareText } from './share.ts';

/** The sums of a row or of the total. */
export interface ReportSums {
  readonly calls: number;
  readonly attempts: number;
  readonly errors: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  /** USD, four decimals. */
  readonly estimated_cost_usd: string | null;
  /** USD, exact. */
  readonly exact_cost_usd: string | null;
  /** Percent of the known cost of all rows, one decimal. */
  readonly share_percent: string | null;
  readonly calls_by_status: Readonly<Record<CostStatus, number>>;
}

export interface ReportRow extends ReportSums {
  /** One value per key of `by`; null where the calls have none. */
  readonly keys: Readonly<Record<string, string | null>>;
}

export interface ReportDocument {
  readonly schema: 'tokenmeter.report/v1';
  readonly window: { readonly since: string; readonly until: string; readonly timezone: string };
  readonly by: readonly string[];
  readonly filters: readonly string[];
  readonly rows: readonly ReportRow[];
  readonly total: ReportSums;
  readonly coverage: {
    readonly percent_by_status: Readonly<Record<CostStatus, string>>;
    readonly tagged_calls: number;
    readonly tagged_percent: string;
    readonly price_book_versions: readonly string[];
    readonly skipped_lines: number;
  };
}

export function reportDocument(summary: Summary, query: Query, skippedLines: number): ReportDocument {
  const { by, groups, total, tagged, priceVersions } = summary;
  const parts = shares(groups.map(knownCost));
  const wholeShare = parts.some((part) => part !== undefined) ? shareText(1000) : null;
  return {
    schema: 'tokenmeter.report/v1',
    window: { since: iso(query.since), until: iso(query.until), timezone: query.timeZone },
    by,
    filters: query.filters.map(({ key, value, not }) => `${key}${not ? '!=' : '='}${value}`),
    rows: groups.map((group, index) => {
      const part = parts[index];
      return {
        keys: Object.fromEntries(by.map((key, position) => [key, group.keys[position] ?? null])),
        ...reportSums(group, part === undefined ? null : shareText(part)),
      };
    }),
    total: reportSums(total, wholeShare),
    coverage: {
      percent_by_status: mapValues(total.byStatus, (calls) => percent(calls, total.calls)),
      tagged_calls: tagged,
      tagged_percent: percent(tagged, total.calls),
      price_book_versions: priceVersions,
      skipped_lines: skippedLines,
    },
  };
}

/** pico-USD; undefined where no call has an amount. */
export function knownCost({ cost, byStatus }: Sums): bigint | undefined {
  return byStatus.priced + byStatus.free + byStatus.estimated > 0 ? cost : undefined;
}

function reportSums(sums: Sums, share: string | null): ReportSums {
  const cost = knownCost(sums);
  return {
    calls: sums.calls,
    attempts: sums.attempts,
    errors: sums.errors,
    input_tokens: sums.input,
    output_tokens: sums.output,
    cache_read_tokens: sums.cacheRead,
    estimated_cost_usd: cost === undefined ? null : roundedUsd(cost),
    exact_cost_usd: cost === undefined ? null : exactUsd(cost),
    share_percent: share,
    calls_by_status: { ...sums.byStatus },
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From) => To,
): Record<Key, To> {
  return Object.fromEntries(Object.entries<From>(record).map(([key, value]) => [key, map(value)])) as Record<Key, To>;
}
