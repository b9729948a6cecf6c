/** List price -> what the user pays: a price of one's own, or discounts. The list amount is kept beside it. */
import { bill } from './bill.ts';
import type { Row } from './book/model.ts';
import { additional, type Billed, factsOf } from './list.ts';
import { picoToUsd } from './money.ts';
import { Parts } from './parts.ts';
import { type Identity, type Resolution, SECOND_ID } from './resolve.ts';
import { tierName } from './select.ts';
import { discountOn } from './settings/applies.ts';
import type { CompiledOverride } from './settings/compile.ts';
import type { Cost, PriceRequest, UsageReport } from './types.ts';
import { contextCode } from './variant.ts';

export function netCost(
  resolution: Resolution,
  list: Billed,
  request: PriceRequest,
  flags: readonly string[],
  at: number,
): Cost {
  const { identity } = resolution;
  const own = inForce(resolution.overrides, at);
  if (own !== undefined) return ownCost(identity, own, list, request, flags, at);
  if (!list.amount) return unpriced(identity, list, flags);
  const status =
    request.usageEstimated === true || (flags.length > 0 && flags.some(isInference)) ? 'estimated' : 'priced';
  const cost = new ListCost(identity, list, status, flags);
  const net = resolution.discounts.length === 0 ? undefined : discounted(cost.parts, resolution, at);
  if (net === undefined) return cost;
  return {
    ...cost,
    pico: net.total,
    usd: picoToUsd(net.total),
    parts: net.parts,
    listPico: cost.pico,
    listUsd: cost.usd,
    source: 'override',
    flags: [...flags, ...net.labels],
  };
}

/** The result of nearly every call: only what is asked for nearly every time is worked out before somebody asks. */
class ListCost implements Cost {
  readonly status: 'priced' | 'estimated';
  readonly pico: bigint;
  readonly usd: number;
  readonly cacheSavingsPico: bigint;
  readonly source = 'list' as const;
  readonly match: Cost['match'];
  readonly rowId: string | undefined;
  readonly version: string;
  readonly effectiveFrom: string | undefined;
  readonly url: string | undefined;
  readonly tier: string | undefined;
  readonly variant: string | undefined;
  readonly flags: readonly string[];
  #parts: Parts | Readonly<Record<string, bigint>>;

  constructor(identity: Identity, list: Billed, status: 'priced' | 'estimated', flags: readonly string[]) {
    this.status = status;
    this.pico = list.parts.total();
    this.usd = list.parts.exactUsd() ?? picoToUsd(this.pico);
    this.cacheSavingsPico = list.savings;
    this.match = identity.match;
    this.rowId = identity.rowId;
    this.version = identity.version;
    const { row, selection } = list;
    this.effectiveFrom = selection?.period.effectiveFrom;
    this.url = row?.url;
    this.tier = selection?.tier === undefined ? undefined : tierName(selection.tier);
    this.variant = selection?.set.name || undefined;
    this.flags = flags;
    this.#parts = list.parts;
  }

  get parts(): Readonly<Record<string, bigint>> {
    if (this.#parts instanceof Parts) this.#parts = this.#parts.byMeter();
    return this.#parts;
  }
}

/** Without the fields of an amount. */
function unpriced({ version, rowId, match }: Identity, list: Billed, flags: readonly string[]): Cost {
  const { effectiveFrom, url, tier, variant } = factsOf(list);
  return { status: 'unpriced', match, rowId, version, effectiveFrom, url, tier, variant, flags };
}

/** Each part less its discount, rounded half up to a pico-dollar; `undefined` when none applies. */
function discounted(
  listed: Readonly<Record<string, bigint>>,
  { discounts }: Resolution,
  at: number,
): { parts: Record<string, bigint>; total: bigint; labels: readonly string[] } | undefined {
  const parts: Record<string, bigint> = {};
  const labels = new Set<string>();
  let total = 0n;
  let applied = false;
  for (const [meter, pico] of Object.entries(listed)) {
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
  const parts = new Parts();
  const inferred = new Set(flags.filter((flag) => !list.flags.includes(flag)));
  let savings = 0n;
  let unpriced = false;
  for (const usage of [report.usage, ...additional(report).map((extra) => extra.usage)]) {
    const { parts: more, unpriced: missing, cacheSavings, flags: remarks } = bill(row, at, code, usage);
    parts.merge(more);
    for (const flag of [...remarks, ...missing.map((meter) => `unpriced:${meter}`)]) inferred.add(flag);
    unpriced ||= missing.length > 0;
    savings += cacheSavings;
  }
  if (own.label !== undefined) inferred.add(`override:${own.label}`);
  const all = [...inferred];
  if (unpriced) return { ...identity, status: 'unpriced', source: 'override', flags: all };
  const total = parts.total();
  const listTotal = list.parts.total();
  const listed = list.amount && listTotal !== total ? { listPico: listTotal, listUsd: picoToUsd(listTotal) } : {};
  const byMeter = parts.byMeter();
  const estimated = request.usageEstimated === true || all.some(isInference);
  const gratis =
    Object.keys(byMeter).length > 0 && own.rates.rates.own.every((rate) => Number.isNaN(rate) || rate === 0);
  return {
    ...identity,
    ...listed,
    status: gratis ? 'free' : estimated ? 'estimated' : 'priced',
    pico: total,
    usd: picoToUsd(total),
    parts: byMeter,
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
  'tier_of_average',
  'schedule_unconfirmed',
  'estimated_row',
  SECOND_ID,
]);

/** Flags that make an amount an estimate. */
function isInference(flag: string): boolean {
  return INFERENCES.has(flag) || /^(?:missing_rate|usage_invalid|seller_fallback):/.test(flag);
}
