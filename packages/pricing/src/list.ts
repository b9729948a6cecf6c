/** What a call and everything that came with it cost at list price. */
import { bill } from './bill.ts';
import type { Row } from './book/model.ts';
import type { Resolution, Resolver } from './resolve.ts';
import { tierName } from './select.ts';
import type { AdditionalUsage, PriceRequest, UsageReport } from './types.ts';
import { contextCode } from './variant.ts';

/** What was billed by the list, or by a price of one's own in force, for the call and everything that came with it. */
export interface Billed {
  readonly parts: Readonly<Record<string, bigint>>;
  readonly total: bigint;
  readonly amount: boolean;
  readonly savings: bigint;
  readonly flags: readonly string[];
  readonly reported: boolean;
  readonly effectiveFrom?: string;
  readonly url?: string;
  readonly tier?: string;
  readonly variant?: string;
}

export function billAll(
  resolver: Resolver,
  resolution: Resolution,
  request: PriceRequest,
  report: UsageReport,
  at: number,
): Billed {
  const code = contextCode(report.context, request.context, resolution.hostContext);
  const { row } = resolution;
  if (row === undefined) return { ...NOTHING_BILLED, reported: hasUsage(report) };
  const main = bill(row, at, code, report.usage);
  const { selection } = main;
  let { flags } = main;
  for (const meter of main.unpriced) flags = [...flags, `unpriced:${meter}`];
  if (row.estimated) flags = [...flags, 'estimated_row'];
  const billed: Billed = {
    parts: main.parts,
    total: main.total,
    amount: main.unpriced.length === 0,
    savings: main.cacheSavings,
    flags,
    reported: main.reported,
    effectiveFrom: selection?.period.effectiveFrom,
    url: row.url,
    tier: selection?.tier && tierName(selection.tier),
    variant: selection?.set.name || undefined,
  };
  return report.additional === undefined ? billed : withAdditional(billed, resolver, row, request, report, at, code);
}

/** Adds what the provider bills beside the totals, each vector by its own model and its own prompt. */
function withAdditional(
  main: Billed,
  resolver: Resolver,
  own: Row,
  request: PriceRequest,
  report: UsageReport,
  at: number,
  code: number,
): Billed {
  const parts: Record<string, bigint> = { ...main.parts };
  const flags = new Set(main.flags);
  let { total, amount, savings, reported } = main;
  for (const { model, usage } of additional(report)) {
    const row = model === undefined ? own : rowOf(resolver, request, model);
    const more = row && bill(row, at, code, usage);
    if (more === undefined || more.unpriced.length > 0) {
      amount = false;
      flags.add(`unpriced_model:${model ?? own.model}`);
      continue;
    }
    for (const [meter, pico] of Object.entries(more.parts)) parts[meter] = (parts[meter] ?? 0n) + pico;
    for (const flag of more.flags) flags.add(flag);
    if (row?.estimated) flags.add('estimated_row');
    total += more.total;
    savings += more.cacheSavings;
    reported ||= more.reported;
  }
  return { ...main, parts, total, amount, savings, reported, flags: [...flags] };
}

const NOTHING_BILLED = {
  parts: {},
  total: 0n,
  amount: false,
  savings: 0n,
  flags: [],
  reported: false,
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

/** A usable string of untrusted input. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
