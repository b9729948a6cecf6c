/** List price -> what the user pays: a price of one's own, or discounts. The list amount is kept beside it. */
import { bill } from './bill.ts';
import type { Row } from './book/model.ts';
import { additional, type Billed } from './list.ts';
import { picoToUsd } from './money.ts';
import { type Resolution, SECOND_ID } from './resolve.ts';
import { type CompiledOverride, discountOn } from './settings/compile.ts';
import type { Cost, PriceRequest, UsageReport } from './types.ts';
import { contextCode } from './variant.ts';

export type Identity = Pick<Cost, 'version' | 'rowId' | 'match'>;

export function netCost(
  identity: Identity,
  resolution: Resolution,
  list: Billed,
  request: PriceRequest,
  flags: readonly string[],
  at: number,
): Cost {
  const own = inForce(resolution.overrides, at);
  if (own !== undefined) return ownCost(identity, own, list, request, flags, at);
  if (!list.amount) return { ...identity, ...factsOf(list), status: 'unpriced', flags };
  const status = request.usageEstimated === true || flags.some(isInference) ? 'estimated' : 'priced';
  const net = resolution.discounts.length === 0 ? undefined : discounted(list, resolution, at);
  const { version, rowId, match } = identity;
  const { effectiveFrom, url, tier, variant, total, parts, savings } = list;
  // Written out, because this is the result of nearly every call and spreading costs more than pricing.
  const cost: Cost = {
    version,
    rowId,
    match,
    effectiveFrom,
    url,
    tier,
    variant,
    status,
    pico: total,
    usd: picoToUsd(total),
    parts,
    cacheSavingsPico: savings,
    source: 'list',
    flags,
  };
  if (net === undefined) return cost;
  return {
    ...cost,
    pico: net.total,
    usd: picoToUsd(net.total),
    parts: net.parts,
    listPico: total,
    listUsd: cost.usd,
    source: 'override',
    flags: [...flags, ...net.labels],
  };
}

/** What applied, for results that are put together by parts. */
export function factsOf(list: Billed): Pick<Cost, 'effectiveFrom' | 'url' | 'tier' | 'variant'> {
  const { effectiveFrom, url, tier, variant } = list;
  return { effectiveFrom, url, tier, variant };
}

/** Each part less its discount, rounded half up to a pico-dollar; `undefined` when none applies. */
function discounted(
  list: Billed,
  { discounts }: Resolution,
  at: number,
): { parts: Record<string, bigint>; total: bigint; labels: readonly string[] } | undefined {
  const parts: Record<string, bigint> = {};
  const labels = new Set<string>();
  let total = 0n;
  let applied = false;
  for (const [meter, pico] of Object.entries(list.parts)) {
    const discount = discountOn(discounts, meter, at);
    const net = discount === undefined ? pico : (pico * discount.remaining + 500_000n) / 1_000_000n;
    if (discount !== undefined) applied = true;
    if (discount?.label !== undefined) labels.add(`discount:${discount.label}`);
    parts[meter] = net;
    total += net;
  }
  return applied ? { parts, total, labels: [...labels] } : undefined;
}

/** By a price of one's own: the same engine on other rates, so that nothing is counted differently. */
function ownCost(
  identity: Identity,
  own: CompiledOverride,
  list: Billed,
  request: PriceRequest,
  flags: readonly string[],
  at: number,
): Cost {
  const report = request.report as UsageReport;
  const row: Row = {
    id: identity.rowId ?? own.model,
    model: own.model,
    seller: own.seller ?? '',
    free: false,
    estimated: false,
    origin: 'override',
    periods: [{ from: Number.NEGATIVE_INFINITY, standard: own.rates, variants: new Map() }],
  };
  const code = contextCode(report.context, request.context);
  const parts: Record<string, bigint> = {};
  const inferred = new Set(flags.filter((flag) => !list.flags.includes(flag)));
  let total = 0n;
  let savings = 0n;
  let unpriced = false;
  for (const usage of [report.usage, ...additional(report).map((extra) => extra.usage)]) {
    const { parts: more, total: sum, unpriced: missing, cacheSavings, flags: remarks } = bill(row, at, code, usage);
    for (const [meter, pico] of Object.entries(more)) parts[meter] = (parts[meter] ?? 0n) + pico;
    for (const flag of [...remarks, ...missing.map((meter) => `unpriced:${meter}`)]) inferred.add(flag);
    unpriced ||= missing.length > 0;
    total += sum;
    savings += cacheSavings;
  }
  if (own.label !== undefined) inferred.add(`override:${own.label}`);
  const all = [...inferred];
  if (unpriced) return { ...identity, status: 'unpriced', source: 'override', flags: all };
  const listed = list.amount && list.total !== total ? { listPico: list.total, listUsd: picoToUsd(list.total) } : {};
  const estimated = request.usageEstimated === true || all.some(isInference);
  const gratis = Object.keys(parts).length > 0 && own.rates.rates.own.every((rate) => Number.isNaN(rate) || rate === 0);
  return {
    ...identity,
    ...listed,
    status: gratis ? 'free' : estimated ? 'estimated' : 'priced',
    pico: total,
    usd: picoToUsd(total),
    parts,
    cacheSavingsPico: savings,
    source: 'override',
    effectiveFrom: own.effectiveFrom,
    flags: all,
  };
}

/** The own price in force, the later one of several. */
export function inForce(overrides: readonly CompiledOverride[], at: number): CompiledOverride | undefined {
  let found: CompiledOverride | undefined;
  for (const override of overrides) if (at >= override.from && at < override.until) found = override;
  return found;
}

const INFERENCES = new Set([
  'usage_clamped',
  'variant_unpublished',
  'search_size_unknown',
  'ambiguous_boundary',
  'schedule_unconfirmed',
  'estimated_row',
  SECOND_ID,
]);

/** Flags that make an amount an estimate. */
function isInference(flag: string): boolean {
  return INFERENCES.has(flag) || /^(?:missing_rate|usage_invalid|seller_fallback):/.test(flag);
}
