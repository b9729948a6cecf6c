/** What a call and everything that came with it cost at list price. */
import { type Bill, bill } from './bill.ts';
import type { Row } from './book/model.ts';
import type { Resolution, Resolver } from './resolve.ts';
import { tierName } from './select.ts';
import type { AdditionalUsage, Cost, PriceContext, PriceRequest, UsageReport } from './types.ts';
import { contextCode } from './variant.ts';

/** What was billed by the list, or by a price of one's own in force, for the call and everything that came with it. */
export interface Billed {
  readonly parts: Readonly<Record<string, bigint>>;
  readonly total: bigint;
  readonly amount: boolean;
  readonly savings: bigint;
  readonly flags: readonly string[];
  readonly reported: boolean;
  readonly facts: Pick<Cost, 'effectiveFrom' | 'url' | 'tier' | 'variant'>;
  readonly row?: Row;
}

export function billAll(
  resolver: Resolver,
  resolution: Resolution,
  request: PriceRequest,
  report: UsageReport,
  at: number,
): Billed {
  const code = contextCode({ ...resolution.hostContext, ...request.context, ...defined(report.context) });
  const main = resolution.row && bill(resolution.row, at, code, report.usage);
  if (main === undefined) return { ...NOTHING_BILLED, reported: hasUsage(report) };
  const parts = main.parts;
  const flags = new Set(main.flags);
  let { total, cacheSavings: savings, reported } = main;
  let amount = main.unpriced.length === 0;
  for (const meter of main.unpriced) flags.add(`unpriced:${meter}`);
  for (const extra of additional(report)) {
    const row = extra.model === undefined ? resolution.row : rowOf(resolver, request, extra.model);
    const more: Bill | undefined = row && bill(row, at, code, extra.usage);
    if (more === undefined || more.unpriced.length > 0) {
      amount = false;
      flags.add(`unpriced_model:${extra.model ?? ''}`);
      continue;
    }
    for (const [meter, pico] of Object.entries(more.parts)) parts[meter] = (parts[meter] ?? 0n) + pico;
    for (const flag of more.flags) flags.add(flag);
    if (row?.estimated) flags.add('estimated_row');
    total += more.total;
    savings += more.cacheSavings;
    reported ||= more.reported;
  }
  if (resolution.row?.estimated) flags.add('estimated_row');
  const { selection } = main;
  const facts = {
    effectiveFrom: selection?.period.effectiveFrom,
    url: resolution.row?.url,
    tier: selection?.tier && tierName(selection.tier),
    variant: selection?.set.name || undefined,
  };
  return { parts, total, amount, savings, flags: [...flags], reported, facts, row: resolution.row };
}

const NOTHING_BILLED = {
  parts: {},
  total: 0n,
  amount: false,
  savings: 0n,
  flags: [],
  reported: false,
  facts: {},
} as const;

function rowOf(resolver: Resolver, request: PriceRequest, model: string): Row | undefined {
  return resolver.resolve(text(request.provider) ?? '', text(request.host), text(model), undefined).row;
}

export function additional(report: UsageReport): readonly AdditionalUsage[] {
  const list: unknown = report.additional;
  if (!Array.isArray(list)) return [];
  return list.filter((entry) => typeof entry?.usage === 'object' && entry.usage !== null);
}

function hasUsage(report: UsageReport): boolean {
  return Object.values(report.usage).some((value) => typeof value === 'number' && value >= 0);
}

/** Facts that are stated: an absent one must not hide that of the request. */
export function defined(context: PriceContext | undefined): PriceContext {
  if (typeof context !== 'object' || context === null) return {};
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined && value !== null));
}

/** A usable string of untrusted input. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
