/** What a call and everything that came with it cost at list price. */
import { bill } from './bill.ts';
import type { Row } from './book/model.ts';
import { Parts } from './parts.ts';
import { type Resolution, type Resolver, text } from './resolve.ts';
import { type Selection, tierName } from './select.ts';
import type { AdditionalUsage, Cost, PriceRequest, UsageReport } from './types.ts';
import { contextCode } from './variant.ts';

/** What was billed by the list, or by a price of one's own in force, for the call and everything that came with it. */
export interface Billed {
  readonly parts: Parts;
  readonly amount: boolean;
  readonly savings: bigint;
  readonly flags: readonly string[];
  readonly reported: boolean;
  readonly row: Row | undefined;
  /** What applied to the call's own usage. */
  readonly selection: Selection | undefined;
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
  if (row === undefined) return nothingBilled(report);
  const main = bill(row, at, code, report.usage);
  const { parts, cacheSavings: savings, selection, reported } = main;
  let { flags } = main;
  for (const meter of main.unpriced) flags = [...flags, `unpriced:${meter}`];
  if (row.estimated) flags = [...flags, 'estimated_row'];
  const billed: Billed = { parts, amount: main.unpriced.length === 0, savings, flags, reported, row, selection };
  return report.additional === undefined ? billed : withAdditional(billed, resolver, row, request, report, at, code);
}

/** What applied, in the words of a {@link Cost}. */
export function factsOf({ row, selection }: Billed): Pick<Cost, 'effectiveFrom' | 'url' | 'tier' | 'variant'> {
  return {
    effectiveFrom: selection?.period.effectiveFrom,
    url: row?.url,
    tier: selection?.tier && tierName(selection.tier),
    variant: selection?.set.name || undefined,
  };
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
  const { parts } = main;
  const flags = new Set(main.flags);
  let { amount, savings, reported } = main;
  for (const { model, usage } of additional(report)) {
    const row = model === undefined ? own : rowOf(resolver, request, model);
    const more = row && bill(row, at, code, usage);
    if (more === undefined || more.unpriced.length > 0) {
      amount = false;
      flags.add(`unpriced_model:${model ?? own.model}`);
      continue;
    }
    parts.merge(more.parts);
    for (const flag of more.flags) flags.add(flag);
    if (row?.estimated) flags.add('estimated_row');
    savings += more.cacheSavings;
    reported ||= more.reported;
  }
  return { ...main, amount, savings, reported, flags: [...flags] };
}

function nothingBilled({ usage }: UsageReport): Billed {
  const reported = hasUsage(usage);
  return {
    parts: new Parts(),
    amount: false,
    savings: 0n,
    flags: NO_FLAGS,
    reported,
    row: undefined,
    selection: undefined,
  };
}

const NO_FLAGS: readonly string[] = [];

function rowOf(resolver: Resolver, request: PriceRequest, model: string): Row | undefined {
  return resolver.resolve(text(request.provider) ?? '', text(request.host), text(model), undefined).row;
}

export function additional(report: UsageReport): readonly AdditionalUsage[] {
  const list: unknown = report.additional;
  if (!Array.isArray(list)) return [];
  return list.filter((entry) => typeof entry?.usage === 'object' && entry.usage !== null);
}

function hasUsage(usage: object): boolean {
  for (const name in usage) {
    const value = (usage as Readonly<Record<string, unknown>>)[name];
    if (typeof value === 'number' && value >= 0) return true;
  }
  return false;
}
